//! The page that comes after this one, where the address names it.

/// `next` where it stays on this server, else the front page: browsers take `//host` and `/\host` for other hosts.
pub(crate) fn local_path(next: Option<String>) -> String {
    let stays = |path: &String| {
        path.starts_with('/') && !path[1..].starts_with(['/', '\\']) && path.bytes().all(|byte| byte.is_ascii_graphic())
    };
    next.filter(stays).unwrap_or_else(|| "/".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_never_leads_to_another_server() {
        for good in ["/", "/builds/1?line=7", "/o/acme/projects#x"] {
            assert_eq!(local_path(Some(good.into())), good);
        }
        for bad in ["", "//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)", "/a\r\nb"] {
            assert_eq!(local_path(Some(bad.into())), "/", "{bad:?}");
        }
        assert_eq!(local_path(None), "/");
    }
}

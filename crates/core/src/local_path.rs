//! Where a page leads next, when an address says so.

/// `next` where it stays on this server, else the front page: browsers take `//host` and `/\host` for other hosts.
pub fn local_path(next: Option<&str>) -> &str {
    let stays = |path: &&str| {
        path.starts_with('/') && !path[1..].starts_with(['/', '\\']) && path.bytes().all(|byte| byte.is_ascii_graphic())
    };
    next.filter(stays).unwrap_or("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn next_never_leaves_this_server() {
        for good in ["/", "/builds/1?line=7", "/o/acme/projects#x"] {
            assert_eq!(local_path(Some(good)), good);
        }
        for bad in
            ["", "//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)", "/a\r\nb", "/\t/x"]
        {
            assert_eq!(local_path(Some(bad)), "/", "{bad:?}");
        }
        assert_eq!(local_path(None), "/");
    }
}

//! A page's elements without its wording: what scripts, styles and assistive technology hold on to.

/// Attributes whose change is a change of the page's structure.
const KEPT: &[&str] = &[
    "id",
    "class",
    "role",
    "aria-label",
    "data-live",
    "data-api",
    "data-post",
    "data-delete",
    "data-open",
    "for",
    "name",
];

/// One line an opening tag, indented by depth; text, icons and the head are left out.
pub(crate) fn of(html: &str) -> String {
    let body = html.split_once("</svg>\n").map_or(html, |(_, body)| body);
    let mut out = String::new();
    let mut depth: usize = 0;
    for tag in body.split('<').skip(1) {
        let tag = tag.split('>').next().unwrap_or_default();
        let name = tag.split([' ', '/']).next().unwrap_or_default();
        if tag.starts_with('/') {
            depth = depth.saturating_sub(usize::from(!is_drawing(tag.trim_start_matches('/'))));
        } else if !is_drawing(name) {
            out.push_str(&format!("{}{name}{}\n", "  ".repeat(depth), attributes(tag)));
            depth += usize::from(!matches!(name, "input" | "link" | "meta" | "br" | "!doctype"));
        }
    }
    out
}

fn is_drawing(name: &str) -> bool {
    matches!(name, "svg" | "use" | "rect" | "path" | "circle" | "title" | "symbol" | "g")
}

fn attributes(tag: &str) -> String {
    let mut out = String::new();
    let mut rest = tag;
    while let Some((before, after)) = rest.split_once("=\"") {
        let Some((value, next)) = after.split_once('"') else { break };
        let name = before.rsplit(' ').next().unwrap_or_default();
        if KEPT.contains(&name) {
            out.push_str(&format!(" {name}={value:?}"));
        }
        rest = next;
    }
    out
}

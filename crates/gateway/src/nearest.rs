//! The name that someone may have meant.
//!
//! Candidates are found by the cosine of their trigrams (or bigrams, for short words) and ranked by edit distance, as
//! the fuzzy set does that PostgREST asks.

use std::collections::HashMap;

/// How alike a name must be among all tables or functions, which nobody should learn of by guessing.
pub(crate) const AMONG_ALL: f64 = 0.75;
/// How alike it must be among few that belong to what was named rightly: the arguments of a function, the relationships
/// of a table.
pub(crate) const AMONG_FEW: f64 = 0.33;
/// How many candidates are ranked by edit distance, which is the dear part.
const MOST_RANKED: usize = 50;
/// Longer words are not compared: nobody means a name by them.
const LONGEST: usize = 200;

/// The candidate most like `word`, and how alike they are from 0 to 1: no less than `least`.
pub(crate) fn nearest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
    least: f64,
) -> Option<(&'a str, f64)> {
    let wanted = word.to_lowercase();
    if wanted.is_empty() || wanted.chars().count() > LONGEST {
        return None;
    }
    let candidates: Vec<_> = candidates.into_iter().map(|name| (name, name.to_lowercase())).collect();
    [3, 2].into_iter().find_map(|size| best(&wanted, &candidates, size, least))
}

fn best<'a>(wanted: &str, candidates: &[(&'a str, String)], size: usize, least: f64) -> Option<(&'a str, f64)> {
    let grams = grams(wanted, size);
    let mut alike: Vec<_> = candidates
        .iter()
        .map(|(name, lower)| (*name, lower, cosine(&grams, &self::grams(lower, size))))
        .filter(|(.., score)| *score > 0.0)
        .collect();
    alike.sort_by(|a, b| b.2.total_cmp(&a.2).then(a.0.cmp(b.0)));
    alike
        .into_iter()
        .take(MOST_RANKED)
        .map(|(name, lower, _)| (name, likeness(wanted, lower)))
        .filter(|(_, score)| *score >= least)
        // The first of equals: `max_by` would take the last.
        .reduce(|best, next| if next.1 > best.1 { next } else { best })
}

fn grams(word: &str, size: usize) -> HashMap<String, f64> {
    let kept = word.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | ','));
    let padded: Vec<char> = std::iter::once('-').chain(kept).chain(['-']).collect();
    let mut counts = HashMap::new();
    for gram in padded.windows(size) {
        *counts.entry(gram.iter().collect()).or_insert(0.0) += 1.0;
    }
    counts
}

fn cosine(a: &HashMap<String, f64>, b: &HashMap<String, f64>) -> f64 {
    let dot: f64 = a.iter().filter_map(|(gram, count)| Some(count * b.get(gram)?)).sum();
    let length = |grams: &HashMap<String, f64>| grams.values().map(|count| count * count).sum::<f64>().sqrt();
    dot / (length(a) * length(b)).max(f64::MIN_POSITIVE)
}

/// One less the share of characters that an edit would change.
fn likeness(a: &str, b: &str) -> f64 {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let longest = a.len().max(b.len());
    let as_number = |count: usize| u32::try_from(count).map_or(f64::MAX, f64::from);
    1.0 - as_number(edit_distance(&a, &b)) / as_number(longest.max(1))
}

fn edit_distance(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(from != to);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(row[j + 1] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_was_meant() {
        let names = ["sayhello", "list_projects", "list_builds", "trigger_build", "test"];
        for (word, expected) in [
            ("sayhell", Some("sayhello")),
            ("list_project", Some("list_projects")),
            ("LIST_BUILD", Some("list_builds")),
            ("testt", Some("test")),
            ("noclosealternative", None),
            ("", None),
            ("list_projects", Some("list_projects")),
        ] {
            assert_eq!(nearest(word, names, AMONG_ALL).map(|(name, _)| name), expected, "{word}");
        }
        let signatures = ["(attr, id)", "(name, param, val)"];
        for (arguments, expected) in [
            ("(id)", Some("(attr, id)")),
            ("(attrs, id)", Some("(attr, id)")),
            ("(param, val)", Some("(name, param, val)")),
            ("(nam, pqaram, vall)", Some("(name, param, val)")),
            ("(noclosealternative)", None),
        ] {
            assert_eq!(nearest(arguments, signatures, AMONG_FEW).map(|(name, _)| name), expected, "{arguments}");
        }
        assert_eq!(nearest(&"x".repeat(100_000), names, AMONG_FEW), None);
        assert_eq!(nearest("test", ["test"], AMONG_ALL), Some(("test", 1.0)));
    }

    /// Of eight letters two may be others, not three; the bound itself is enough.
    #[test]
    fn names_are_not_learnt_by_guessing() {
        let of_projects = |word: &str| nearest(word, ["projects"], AMONG_ALL).map(|(_, score)| score);
        assert_eq!(of_projects("projectx"), Some(0.875));
        assert_eq!(of_projects("projecxx"), Some(0.75));
        assert_eq!(of_projects("projexxx"), None);
        assert_eq!(nearest("projexxx", ["projects"], AMONG_FEW), Some(("projects", 0.625)));
    }
}

//! Where PostgreSQL's programs are.

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{EmbeddedConfig, EmbeddedError, OLDEST_MAJOR, Result};

/// A version of PostgreSQL, as in `18.4`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    pub major: u32,
    /// `4` of `18.4`; 0 for betas and development versions.
    pub minor: u32,
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

impl Version {
    /// Reads `postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)`.
    pub(crate) fn parse(output: &str) -> Option<Self> {
        let number = output.split("(PostgreSQL)").nth(1)?.split_whitespace().next()?;
        let mut parts = number.split('.');
        let digits = |part: &str| part.chars().take_while(char::is_ascii_digit).collect::<String>().parse().ok();
        let major = digits(parts.next()?)?;
        Some(Self { major, minor: parts.next().and_then(digits).unwrap_or(0) })
    }
}

/// An installation of PostgreSQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binaries {
    /// The folder with `initdb` and `postgres`.
    pub folder: PathBuf,
    pub version: Version,
}

impl Binaries {
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The installation: `bin`, `lib` and `share` are in it.
    pub(crate) fn prefix(&self) -> &Path {
        self.folder.parent().unwrap_or(&self.folder)
    }

    /// Whether a module for `shared_preload_libraries` is installed.
    pub(crate) fn has_module(&self, name: &str) -> bool {
        let major = self.version.major;
        let mut folders = vec![
            self.prefix().join("lib"),
            self.prefix().join("lib/postgresql"),
            self.prefix().join(format!("lib/postgresql/{major}/lib")),
            self.prefix().join("lib64/pgsql"),
        ];
        if let Ok(output) = Command::new(self.program("pg_config")).arg("--pkglibdir").output() {
            folders.push(PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()));
        }
        folders.iter().any(|folder| ["so", "dylib"].iter().any(|end| folder.join(format!("{name}.{end}")).exists()))
    }

    /// Reads the version of the programs in `folder` or `folder/bin`.
    fn at(folder: &Path) -> std::result::Result<Self, String> {
        let folder = if folder.join("postgres").exists() { folder.to_owned() } else { folder.join("bin") };
        if !folder.join("postgres").exists() || !folder.join("initdb").exists() {
            return Err("no postgres and initdb there".to_owned());
        }
        // Links (Homebrew's) lead to the installation, whose lib and share lie beside its bin.
        let real = folder.join("postgres").canonicalize().map_err(|e| e.to_string())?;
        let folder = real.parent().map_or(folder.clone(), Path::to_owned);
        let output = Command::new(&real).arg("--version").output().map_err(|e| format!("cannot be run: {e}"))?;
        let text = String::from_utf8_lossy(&output.stdout);
        match Version::parse(&text) {
            Some(version) if version.major < OLDEST_MAJOR => Err(format!("version {version} is too old")),
            Some(version) => Ok(Self { folder, version }),
            None => Err(format!(
                "does not tell its version: {}",
                String::from_utf8_lossy(&output.stderr).lines().next().unwrap_or("it said nothing")
            )),
        }
    }

    /// The programs to use: those the caller named, or else the first that will do of the places programs usually are.
    ///
    /// # Errors
    /// [`EmbeddedError::NoBinaries`] lists every place looked at; [`EmbeddedError::OtherMajor`] when `existing` (the
    /// major version that made the data directory) is found nowhere.
    pub(crate) fn find(config: &EmbeddedConfig, existing: Option<u32>) -> Result<Self> {
        let places = match &config.binaries {
            Some(folder) => vec![folder.clone()],
            None => usual_places(&config.tool_folders),
        };
        let mut looked_at = Vec::new();
        let mut others = Vec::new();
        for place in &places {
            match Self::at(place) {
                Ok(found) if existing.is_none_or(|major| major == found.version.major) => return Ok(found),
                Ok(found) => {
                    looked_at.push(format!("  {}: version {}", place.display(), found.version));
                    others.push(found);
                }
                Err(why) => looked_at.push(format!("  {}: {why}", place.display())),
            }
        }
        let looked_at = looked_at.join("\n");
        Err(match existing {
            Some(major) if !others.is_empty() => {
                EmbeddedError::OtherMajor(other_major(config, major, &others, &looked_at))
            }
            _ => EmbeddedError::NoBinaries(none_found(existing, &looked_at)),
        })
    }
}

fn none_found(wanted: Option<u32>, looked_at: &str) -> String {
    let what = match wanted {
        Some(major) => format!("PostgreSQL {major}"),
        None => format!("PostgreSQL {OLDEST_MAJOR} or newer"),
    };
    format!(
        "{what} was not found. Install it (script/up does; or `apt install postgresql`, `brew install postgresql@18`), or \
         name the folder that holds its initdb and postgres. Looked at:\n{looked_at}"
    )
}

fn other_major(config: &EmbeddedConfig, existing: u32, others: &[Binaries], looked_at: &str) -> String {
    let data_dir = config.data_dir.display();
    let at_hand: BTreeSet<String> = others.iter().map(|b| b.version.major.to_string()).collect();
    let at_hand: Vec<String> = at_hand.into_iter().collect();
    format!(
        "the database in {data_dir} was made by PostgreSQL {existing}, and here is only version {}. Either install \
         PostgreSQL {existing} beside it (`apt install postgresql-{existing}`, `brew install postgresql@{existing}`, npm's \
         @embedded-postgres) and start again; or move the data to the new version: with {existing} installed, \
         pg_dump it and restore the dump into a fresh data directory, or run pg_upgrade on {data_dir}/cluster. Nothing was \
         changed. Looked at:\n{looked_at}",
        at_hand.join(" and "),
    )
}

/// PATH, Debian's, Red Hat's, Homebrew's and Postgres.app's folders, then our own tools; the newest first within each.
fn usual_places(tool_folders: &[PathBuf]) -> Vec<PathBuf> {
    let mut places: Vec<PathBuf> = std::env::var_os("PATH")
        .map(|path| std::env::split_paths(&path).filter(|folder| folder.join("postgres").exists()).collect())
        .unwrap_or_default();
    for (parent, tail) in [
        ("/usr/lib/postgresql", "bin"),
        ("/opt/homebrew/opt", "bin"),
        ("/usr/local/opt", "bin"),
        ("/home/linuxbrew/.linuxbrew/opt", "bin"),
        ("/Applications/Postgres.app/Contents/Versions", "bin"),
    ] {
        places.extend(newest_first(Path::new(parent), tail));
    }
    for folder in (OLDEST_MAJOR..=OLDEST_MAJOR + 10).rev().map(|major| format!("/usr/pgsql-{major}/bin")) {
        places.extend(Some(PathBuf::from(folder)).filter(|folder| folder.exists()));
    }
    for folder in tool_folders {
        let found = newest_first(folder, "bin");
        // An empty place of ours is still named in the error, so that one sees where to put them.
        places.extend(if found.is_empty() { vec![folder.clone()] } else { found });
    }
    let mut seen = BTreeSet::new();
    places.retain(|place| seen.insert(place.clone()));
    places
}

/// `parent/<version>/tail`, where the entry's name ends in a version (`15`, `18.4`, `postgresql@16`).
fn newest_first(parent: &Path, tail: &str) -> Vec<PathBuf> {
    let mut found: Vec<(Vec<u32>, PathBuf)> = std::fs::read_dir(parent)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let number = name.strip_prefix("postgresql@").or((name == "postgresql").then_some("0")).unwrap_or(&name);
            let version: Option<Vec<u32>> = number.split('.').map(|part| part.parse().ok()).collect();
            Some((version?, entry.path().join(tail)))
        })
        .filter(|(_, path)| path.join("postgres").exists())
        .collect();
    found.sort_by(|a, b| b.cmp(a));
    found.into_iter().map(|(_, path)| path).collect()
}

/// Where `script/up` installs PostgreSQL: `.tools/postgres` of the checkout that the running program was built in.
pub fn tool_folders() -> Vec<PathBuf> {
    let program = std::env::current_exe().ok();
    let above = program.iter().flat_map(|path| path.ancestors().skip(1).take(5)).map(|folder| folder.join(".tools"));
    let named = std::env::var_os("PLIMSOLL_TOOLS_DIR").map(PathBuf::from);
    let folders: Vec<PathBuf> = named.into_iter().chain(above).map(|tools| tools.join("postgres")).collect();
    folders.into_iter().filter(|folder| folder.is_dir()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_distributions_print_them() {
        let version = |text: &str| Version::parse(text).map(|v| (v.major, v.minor));
        assert_eq!(version("postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)\n"), Some((15, 14)));
        assert_eq!(version("postgres (PostgreSQL) 18.4\n"), Some((18, 4)));
        assert_eq!(version("postgres (PostgreSQL) 19beta1\n"), Some((19, 0)));
        assert_eq!(version("bash: postgres: command not found"), None);
    }

    #[test]
    fn the_newest_installation_comes_first() {
        let parent = tempfile::tempdir().unwrap();
        for name in ["9.6", "15", "18.4", "18.10", "notes", "postgresql@16"] {
            let bin = parent.path().join(name).join("bin");
            std::fs::create_dir_all(&bin).unwrap();
            std::fs::write(bin.join("postgres"), "").unwrap();
        }
        let found = newest_first(parent.path(), "bin");
        let names: Vec<_> = found.iter().map(|path| path.parent().unwrap().file_name().unwrap().to_owned()).collect();
        assert_eq!(names, ["18.10", "18.4", "postgresql@16", "15", "9.6"]);
    }

    #[test]
    fn when_nothing_is_found_the_error_says_where_it_looked_and_what_to_do() {
        let empty = tempfile::tempdir().unwrap();
        let mut config = EmbeddedConfig::new("/nowhere");
        config.binaries = Some(empty.path().to_owned());
        let error = Binaries::find(&config, None).unwrap_err().to_string();
        assert!(error.contains("PostgreSQL 15 or newer was not found. Install it (script/up"), "{error}");
        assert!(error.contains(&empty.path().display().to_string()), "{error}");
    }
}

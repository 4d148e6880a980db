//! The PostgreSQL server that all tests of this machine share.

use std::fs::File;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use plimsoll_embedded::{Cluster, Durability, EmbeddedConfig};
use tokio::sync::OnceCell;
use tokio_postgres::NoTls;

/// A superuser's URL of the server's `postgres` database: of the server that `PLIMSOLL_TEST_DATABASE_URL` names, or of a
/// private cluster that the first test of a machine starts and all others find.
pub async fn url() -> String {
    static URL: OnceCell<String> = OnceCell::const_new();
    URL.get_or_init(|| async {
        match std::env::var("PLIMSOLL_TEST_DATABASE_URL") {
            Ok(url) if !url.is_empty() => url,
            _ => shared_cluster().await,
        }
    })
    .await
    .clone()
}

/// Stops the private cluster, if it runs. True when it did.
pub async fn stop() -> bool {
    let place = place();
    let _turn = turn(&place);
    let _ = std::fs::remove_file(url_file(&place));
    Cluster::stop_left(config(&place)).await.unwrap_or_else(|error| panic!("stop the test cluster: {error}"))
}

/// The cluster outlives the process that starts it, and so do its locks: the URL in its folder tells the others.
async fn shared_cluster() -> String {
    let place = place();
    if let Some(url) = answering(&place).await {
        return url;
    }
    std::fs::create_dir_all(&place).unwrap_or_else(|error| panic!("create {}: {error}", place.display()));
    let _turn = turn(&place);
    if let Some(url) = answering(&place).await {
        return url;
    }
    let cluster = Cluster::start(config(&place), |step| eprintln!("test cluster: {step}"))
        .await
        .unwrap_or_else(|error| panic!("start the test cluster: {error}"));
    let url = cluster.superuser_url();
    let unfinished = place.join("url.unfinished");
    // The URL holds the superuser's password.
    std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&unfinished)
        .and_then(|mut file| file.write_all(url.as_bytes()))
        .and_then(|()| std::fs::rename(&unfinished, url_file(&place)))
        .unwrap_or_else(|error| panic!("write {}: {error}", url_file(&place).display()));
    url
}

/// The URL of the cluster if it runs. A port that another server has taken meanwhile does not know the password.
async fn answering(place: &Path) -> Option<String> {
    let url = std::fs::read_to_string(url_file(place)).ok()?;
    let (client, connection) = tokio_postgres::connect(&url, NoTls).await.ok()?;
    drop(client);
    connection.await.ok()?;
    Some(url)
}

/// One process at a time starts or stops the cluster; held until dropped.
fn turn(place: &Path) -> Option<File> {
    let file = File::create(place.join("turn")).ok()?;
    file.lock().unwrap_or_else(|error| panic!("lock {}: {error}", place.display()));
    Some(file)
}

fn url_file(place: &Path) -> PathBuf {
    place.join("url")
}

fn config(place: &Path) -> EmbeddedConfig {
    let mut config = EmbeddedConfig::new(place.join("data"));
    config.binaries = binaries();
    config.tool_folders.push(repository().join(".tools/postgres"));
    config.durability = Durability::None;
    config.max_connections = 300;
    config
}

fn binaries() -> Option<PathBuf> {
    std::env::var_os("PLIMSOLL_POSTGRES_BINARIES").filter(|folder| !folder.is_empty()).map(PathBuf::from)
}

/// A folder for each set of programs, so that runs on different versions do not meet: below `target/`, or, where the
/// server's user cannot come there (a checkout in root's home), in the system's temporary folder.
fn place() -> PathBuf {
    let of = binaries().map_or_else(|| "found".to_owned(), |folder| folder.display().to_string());
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| "target".into(), PathBuf::from);
    let target = repository().join(target);
    let name = format!("test-cluster-{:08x}", fingerprint(&format!("{of}\n{}", target.display())));
    // The server's user has to reach the nearest folder that exists.
    let nearest = target.ancestors().find(|folder| folder.exists()).unwrap_or(Path::new("/")).to_owned();
    if plimsoll_embedded::can_be_reached(&nearest, None) { target.join(name) } else { std::env::temp_dir().join(name) }
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("crates/testkit is in the repository").to_owned()
}

fn fingerprint(text: &str) -> u32 {
    use std::hash::{DefaultHasher, Hasher};
    let mut hasher = DefaultHasher::new();
    hasher.write(text.as_bytes());
    hasher.finish() as u32
}

//! Asking a server whether it is ready, and whether it is ours.

use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Config, NoTls};

/// How to reach a cluster's superuser.
#[derive(Debug, Clone)]
pub(crate) struct Door {
    pub socket_folder: PathBuf,
    pub port: u16,
    pub superuser_password: String,
}

#[derive(Debug)]
pub(crate) enum Answer {
    Ready,
    /// Recovering, or nobody listens yet.
    NotYet(String),
    /// It will never be: another cluster, or another password.
    Wrong(String),
}

impl Door {
    /// Connects to `database` as the superuser; the connection is driven in the background.
    pub(crate) async fn connect(&self, database: &str) -> Result<Client, tokio_postgres::Error> {
        let mut config = Config::new();
        config
            .host_path(&self.socket_folder)
            .port(self.port)
            .user("postgres")
            .password(&self.superuser_password)
            .dbname(database)
            .application_name("plimsoll-embedded");
        let (client, connection) = config.connect(NoTls).await?;
        tokio::spawn(connection);
        Ok(client)
    }

    /// Whether the server behind the door serves `cluster`. An answer takes `patience` at most.
    pub(crate) async fn probe(&self, cluster: &Path, patience: Duration) -> Answer {
        let asked = tokio::time::timeout(patience, async {
            let client = self.connect("postgres").await?;
            client.query_one("select current_setting('data_directory')", &[]).await
        });
        match asked.await {
            Err(_) => Answer::NotYet("the server does not answer".to_owned()),
            Ok(Ok(row)) => {
                let serves: String = row.get(0);
                if Path::new(&serves).canonicalize().is_ok_and(|serves| serves == cluster) {
                    Answer::Ready
                } else {
                    Answer::Wrong(format!("the server at port {} serves {serves}", self.port))
                }
            }
            Ok(Err(error)) if error.code() == Some(&SqlState::INVALID_PASSWORD) => Answer::Wrong(
                "the server does not accept the password kept in superuser.password; restore that file".to_owned(),
            ),
            Ok(Err(error)) => Answer::NotYet(words(&error)),
        }
    }
}

/// An error in the server's or the system's words.
pub(crate) fn words(error: &tokio_postgres::Error) -> String {
    match (error.as_db_error(), std::error::Error::source(error)) {
        (Some(db), _) => db.message().to_owned(),
        (None, Some(cause)) => cause.to_string(),
        (None, None) => error.to_string(),
    }
}

use std::time::Duration;

use plimsoll_db::Db;
use plimsoll_server::tokens;
use uuid::Uuid;

use crate::cli::SigninLink;
use crate::commands::up::{ORG_NAME, OWNER_EMAIL};
use crate::config::Config;
use crate::failure::Failure;
use crate::output::Output;
use crate::runtime_file::RuntimeFile;

const LIFETIME: Duration = Duration::from_secs(3600);

pub(crate) async fn run(args: &SigninLink, config: &Config, output: &Output) -> Result<(), Failure> {
    let runtime = RuntimeFile::running(&config.data_dir)?;
    let db = Db::open(&runtime.db_url, 1)?;
    let user_id = match &args.email {
        None => db.ensure_owner(OWNER_EMAIL, ORG_NAME).await?.user_id,
        Some(email) => db.user_by_email(email).await?.ok_or_else(|| {
            Failure::failed(format!("nobody has the address {email}: Settings → Members lists those who are here"))
        })?,
    };
    if args.forget_password {
        db.forget_password(user_id).await?;
    }
    let link = make(&db, user_id, config.given("public_url").unwrap_or(&runtime.api_url)).await?;
    output.result(&serde_json::json!({"signin_url": link}), &link);
    Ok(())
}

/// A link that signs `user_id` in once, within the hour.
pub(crate) async fn make(db: &Db, user_id: Uuid, base_url: &str) -> Result<String, Failure> {
    let token = tokens::generate(tokens::Kind::Link);
    let expires = jiff::Timestamp::now() + LIFETIME;
    db.create_signin_link(&tokens::hash(&token), user_id, expires).await?;
    Ok(format!("{base_url}/signin?token={token}"))
}

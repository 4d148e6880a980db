use serde_json::json;

use crate::cli::{BuildArg, Global};
use crate::client::Client;
use crate::config::Config;
use crate::failure::Failure;
use crate::output::Output;

pub(crate) async fn run(args: &BuildArg, global: &Global, config: &Config, output: &Output) -> Result<(), Failure> {
    let client = Client::from(global, config)?;
    let id = client.build_id(&args.build).await?;
    let answer = client.post(&format!("/api/ops/builds/{id}/cancel"), &json!({})).await?;
    let text = match answer["status"].as_str() {
        Some("cancelling") => format!("{} is asked to stop; its runner obeys within seconds", args.build),
        _ => format!("{} is cancelled", args.build),
    };
    output.result(&answer, text);
    Ok(())
}

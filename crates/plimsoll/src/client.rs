//! The server's HTTP API, for the commands that talk to it.

use std::time::Duration;

use reqwest::Method;
use serde_json::Value;

use crate::cli::Global;
use crate::config::Config;
use crate::failure::{Failure, with_causes};
use crate::runtime_file::RuntimeFile;
use crate::stack;

/// Builds asked for at a time.
const PAGE: usize = 500;

pub(crate) struct Client {
    base: String,
    token: String,
    http: reqwest::Client,
}

impl Client {
    /// The server named by `--url` and `--token`, else the one that runs on this machine, with its service key.
    pub(crate) fn from(global: &Global, config: &Config) -> Result<Self, Failure> {
        let local = RuntimeFile::read(&config.data_dir);
        let base = match (&global.url, &local) {
            (Some(url), _) => url.trim_end_matches('/').to_owned(),
            (None, Some(runtime)) if runtime.is_alive() => runtime.api_url.clone(),
            _ => {
                return Err(Failure::unreachable(format!(
                    "no server runs from {}: start one with `plimsoll up`, name its data directory with --data-dir or PLIMSOLL_DATA_DIR, or say which with --url and --token",
                    config.data_dir.display()
                )));
            }
        };
        let token = match &global.token {
            Some(token) => token.clone(),
            None if local.as_ref().is_some_and(|l| l.api_url == base) => stack::keys(config)?.service_role_key(),
            None => return Err(Failure::usage(format!("{base} wants a token: give --token or PLIMSOLL_TOKEN"))),
        };
        let http = reqwest::Client::builder()
            .connect_timeout(Duration::from_secs(5))
            .read_timeout(Duration::from_secs(60))
            .build()
            .map_err(|e| Failure::failed(with_causes(&e)))?;
        Ok(Self { base, token, http })
    }

    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method, format!("{}{path}", self.base)).bearer_auth(&self.token)
    }

    pub(crate) async fn get(&self, path: &str) -> Result<Value, Failure> {
        self.json(self.request(Method::GET, path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Result<Value, Failure> {
        self.json(self.request(Method::POST, path).json(body)).await
    }

    /// Sends and reads JSON; an error answer becomes its own message.
    pub(crate) async fn json(&self, request: reqwest::RequestBuilder) -> Result<Value, Failure> {
        let response = self.send(request).await?;
        let text = response.text().await.map_err(|e| Failure::unreachable(with_causes(&e)))?;
        if text.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_str(&text).map_err(|e| Failure::failed(format!("the answer is not JSON: {e}")))
    }

    pub(crate) async fn send(&self, request: reqwest::RequestBuilder) -> Result<reqwest::Response, Failure> {
        let response = request
            .send()
            .await
            .map_err(|e| Failure::unreachable(format!("{} does not answer: {}", self.base, with_causes(&e))))?;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let body: Value = response.json().await.unwrap_or(Value::Null);
        let said = body["error"].as_str().map_or_else(|| status.to_string(), str::to_owned);
        Err(match body["request_id"].as_str() {
            Some(id) => Failure::failed(format!("{said} (request {id})")),
            None => Failure::failed(said),
        })
    }

    /// A build by its id or as `project#number`.
    pub(crate) async fn build_id(&self, given: &str) -> Result<String, Failure> {
        let Some((slug, number)) = given.rsplit_once('#') else {
            return Ok(given.to_owned());
        };
        let number: i64 = number
            .parse()
            .map_err(|_| Failure::usage(format!("{given:?} is neither a build id nor project#number")))?;
        let project = self.project(slug).await?;
        let id = project["id"].as_str().unwrap_or_default();
        let mut before = String::new();
        loop {
            let page = self.get(&format!("/api/ops/projects/{id}/builds?limit={PAGE}{before}")).await?;
            let builds = page.as_array().map(Vec::as_slice).unwrap_or_default();
            if let Some(found) = builds.iter().find(|b| b["build_number"] == number).and_then(|b| b["id"].as_str()) {
                return Ok(found.to_owned());
            }
            match builds.last().and_then(|b| b["created_at"].as_str()) {
                Some(oldest) if builds.len() == PAGE => before = format!("&before={oldest}"),
                _ => return Err(Failure::failed(format!("{slug} has no build #{number}"))),
            }
        }
    }

    /// A project by its slug or id.
    pub(crate) async fn project(&self, given: &str) -> Result<Value, Failure> {
        let projects = self.get("/api/ops/projects").await?;
        let all = projects.as_array().map(Vec::as_slice).unwrap_or_default();
        let found: Vec<_> = all.iter().filter(|p| p["slug"] == given || p["id"] == given).collect();
        match found[..] {
            [one] => Ok(one.clone()),
            [] => {
                let slugs: Vec<_> = all.iter().filter_map(|p| p["slug"].as_str()).collect();
                Err(Failure::failed(format!("no project {given:?}; there are: {}", slugs.join(", "))))
            }
            _ => Err(Failure::usage(format!("several orgs have a project {given:?}: give its id"))),
        }
    }
}

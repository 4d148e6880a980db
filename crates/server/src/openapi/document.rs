//! Every endpoint that is ours, collected from beside its handler.

use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

use super::any_request::AnyRequest;
use crate::auth_v1::AuthError;
use crate::error::ErrorBody;
use crate::{
    account, advisories, artifacts, auth_v1, branches, builds, events, functions, health, orgs, projects, runners,
    server_keys, webhooks,
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Plimsoll",
        description = "From a repository to a finished build. Errors are JSON: {\"error\": what was wrong and what would be right, \"request_id\": …}. A row of an org you do not belong to answers 404, as if it did not exist; a missing role answers 403.",
    ),
    servers((url = "/", description = "This server.")),
    paths(
        health::healthz,
        health::readyz,
        account::me,
        account::set_password,
        account::sign_in,
        account::sign_out,
        auth_v1::auth_token,
        auth_v1::auth_user,
        auth_v1::auth_update_user,
        auth_v1::auth_logout,
        auth_v1::auth_signup,
        auth_v1::auth_verify,
        auth_v1::auth_settings,
        auth_v1::auth_jwks,
        auth_v1::auth_health,
        server_keys::list_keys,
        server_keys::rotate_key,
        server_keys::revoke_key,
        advisories::dismiss_advisory,
        advisories::list_advisories,
        advisories::resolve_advisory,
        advisories::snooze_advisory,
        orgs::audit_csv,
        orgs::list_audit,
        orgs::create_org,
        orgs::list_orgs,
        orgs::invite_member,
        orgs::list_members,
        orgs::remove_member,
        orgs::update_member,
        orgs::create_project,
        orgs::list_org_projects,
        orgs::list_runners,
        orgs::remove_runner,
        orgs::set_limit,
        orgs::renew_webhook_secret,
        orgs::create_token,
        orgs::list_tokens,
        orgs::revoke_token,
        projects::archive_project,
        projects::list_project_branches,
        projects::list_project_builds,
        projects::get_project,
        projects::list_projects,
        projects::delete_secret,
        projects::list_secrets,
        projects::put_secret,
        projects::sync_project,
        projects::trigger_project,
        branches::list_branch_builds,
        branches::set_production,
        branches::set_stage,
        builds::list_artifacts,
        builds::cancel_build,
        builds::get_build,
        builds::rebuild,
        builds::list_tests,
        builds::why_queued,
        builds::logs::log_lines,
        builds::logs::log_marks,
        builds::logs::search_log,
        builds::logs::stream_log,
        builds::logs::log_text,
        events::stream_events,
        artifacts::download_artifact,
        functions::ops_advisory_scan,
        functions::ops_metrics_ingest,
        functions::ops_trigger_build,
        webhooks::github_org,
        webhooks::github_project,
        runners::append_log,
        runners::upload_artifact,
        runners::claim_build,
        runners::record_commit,
        runners::finish_attempt,
        runners::renew_lease,
        runners::register_runner,
        runners::record_steps,
        runners::record_tests,
    ),
    components(schemas(ErrorBody, AuthError)),
    modifiers(&Security, &AnyRequest),
    security(("bearer" = []), ("session" = [])),
)]
struct ApiDoc;

/// The OpenAPI description.
pub fn document() -> utoipa::openapi::OpenApi {
    ApiDoc::openapi()
}

struct Security;

impl Modify for Security {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("An API token (plim_api_…), a JWT of a person (of `/auth/v1/token`, or signed with a key that this server believes), or a key of the server (sb_secret_…)."))
            .build();
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
        let cookie = ApiKeyValue::with_description(
            "plimsoll",
            "A console session; `__Host-plimsoll` over https. Changes need a request from our own pages.",
        );
        components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
        for (name, header) in [("ingest_token", "x-ops-ingest-token"), ("advisory_token", "x-ops-advisory-token")] {
            let token = ApiKeyValue::with_description(header, "`plimsoll status` prints the token.");
            components.add_security_scheme(name, SecurityScheme::ApiKey(ApiKey::Header(token)));
        }
    }
}

//! Every endpoint that is ours, collected from beside its handler.

use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

use super::any_request::AnyRequest;
use crate::error::ErrorBody;
use crate::{account, artifacts, branches, builds, events, functions, health, orgs, projects, runners, webhooks};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Plimsoll",
        description = "From a repository to a finished build. Errors are JSON: {\"error\": what was wrong and what would be right, \"request_id\": …}. A row of an org you do not belong to answers 404, as if it did not exist; a missing role answers 403.",
    ),
    paths(
        health::healthz,
        health::readyz,
        account::me,
        account::set_password,
        account::sign_in,
        account::sign_out,
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
    components(schemas(ErrorBody)),
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
            .description(Some("An API token (plim_api_…), or a JWT signed with this server's secret by HS256."))
            .build();
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
        let cookie = ApiKeyValue::with_description(
            "plimsoll",
            "A console session; `__Host-plimsoll` over https. Changes need a request from our own pages.",
        );
        components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
    }
}

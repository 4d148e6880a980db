use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::answers::Refusals;
use crate::extract::Json;

/// How people sign in here.
#[derive(Serialize, ToSchema)]
pub(crate) struct Settings {
    /// By provider.
    external: BTreeMap<&'static str, bool>,
    /// Nobody signs up but by invitation.
    disable_signup: bool,
    mailer_autoconfirm: bool,
    phone_autoconfirm: bool,
    sms_provider: &'static str,
    saml_enabled: bool,
}

/// How people sign in here: with address and password, by invitation.
#[utoipa::path(get, path = "/auth/v1/settings", tag = "sign-in", security(()),
    responses((status = 200, description = "The settings.", body = Settings), Refusals))]
pub(crate) async fn auth_settings() -> Json<Settings> {
    Json(Settings {
        external: BTreeMap::from([("anonymous_users", false), ("email", true), ("phone", false)]),
        disable_signup: true,
        mailer_autoconfirm: true,
        phone_autoconfirm: false,
        sms_provider: "",
        saml_enabled: false,
    })
}

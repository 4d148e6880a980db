use serde_json::json;

use crate::config::{Config, KEYS, describe};
use crate::failure::Failure;
use crate::output::{Output, table};

pub(crate) fn run(config: &Config, output: &Output) -> Result<(), Failure> {
    let mut rows = vec![vec![
        "data_dir".into(),
        config.data_dir.display().to_string(),
        String::new(),
        "PLIMSOLL_DATA_DIR".into(),
        "where everything is kept".into(),
    ]];
    let mut settings = serde_json::Map::new();
    settings.insert("data_dir".into(), json!({"value": config.data_dir, "env": "PLIMSOLL_DATA_DIR"}));
    for key in KEYS {
        let value = config.value(key.name);
        let shown = if key.secret && !value.text.is_empty() { "(hidden)" } else { &value.text };
        settings
            .insert(key.name.into(), json!({"value": shown, "source": value.source, "env": key.env, "help": key.help}));
        rows.push(vec![key.name.into(), shown.into(), describe(&value.source), key.env.into(), key.help.into()]);
    }
    output.result(&settings, table(&["SETTING", "VALUE", "FROM", "ENVIRONMENT", "MEANING"], &rows));
    Ok(())
}

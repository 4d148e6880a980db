use super::{Fit, Listing};
use crate::build_file::{BuildFile, StepSpec};
use crate::status::Phase;

const MANIFEST: &str = "__manifest__.py";

/// Reads each manifest as the literal it must be, and checks what Odoo would only find when installing the module.
const CHECK_MANIFESTS: &str = r#"python3 - <<'PLIMSOLL'
import ast, os, sys

bad = 0
for folder, folders, files in os.walk("."):
    folders[:] = sorted(f for f in folders if not f.startswith(".") and f != "node_modules")
    if "__manifest__.py" not in files:
        continue
    path = os.path.join(folder, "__manifest__.py")
    faults = []
    try:
        with open(path, encoding="utf-8") as source:
            manifest = ast.literal_eval(source.read())
        if not isinstance(manifest, dict):
            faults.append("is not a dictionary")
        else:
            if not isinstance(manifest.get("name"), str) or not manifest["name"].strip():
                faults.append("has no name")
            if not isinstance(manifest.get("depends", []), (list, tuple)):
                faults.append("depends is not a list")
            for key in ("data", "demo"):
                for entry in manifest.get(key, []):
                    if not os.path.isfile(os.path.join(folder, entry)):
                        faults.append(f"{key} names {entry}, which is not there")
            if "__init__.py" not in files:
                faults.append("has no __init__.py beside it")
    except (SyntaxError, ValueError, TypeError) as error:
        faults.append(f"cannot be read: {error}")
    for fault in faults:
        print(f"error: {path} {fault}")
    bad += bool(faults)
    if not faults:
        print(f"{path} ok")
sys.exit(1 if bad else 0)
PLIMSOLL"#;

pub(super) fn fit(listing: &Listing) -> Option<Fit> {
    let manifests: Vec<&str> = listing
        .files()
        .filter(|file| file.rsplit('/').next() == Some(MANIFEST) && file.matches('/').count() <= 3)
        .collect();
    let first = manifests.first()?;
    let steps = vec![
        StepSpec::new("Compile", Phase::Build, "python3 -m compileall -q -x '(^|/)([.]git|node_modules)/' ."),
        StepSpec::new("Check manifests", Phase::Test, CHECK_MANIFESTS),
    ];
    let modules =
        if manifests.len() == 1 { "1 Odoo module".to_owned() } else { format!("{} Odoo modules", manifests.len()) };
    Some(Fit {
        found: (*first).to_owned(),
        plan: format!("compiles all Python and checks the manifests of {modules}"),
        file: BuildFile::of_steps(steps),
    })
}

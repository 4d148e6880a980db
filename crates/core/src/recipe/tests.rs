use super::*;
use crate::status::Phase;

fn listing(files: &[&str], contents: &[(&str, &str)]) -> Listing {
    let names = files.iter().chain(contents.iter().map(|(name, _)| name)).map(|name| (*name).to_owned());
    Listing::new(names, contents.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect())
}

fn chosen(files: &[&str], contents: &[(&str, &str)]) -> Recipe {
    choose(&listing(files, contents)).unwrap()
}

fn commands(recipe: &Recipe) -> Vec<&str> {
    recipe.file.steps.iter().map(|step| step.run.lines().last().unwrap()).collect()
}

#[test]
fn cargo_uses_the_lock_and_the_workspace() {
    let recipe = chosen(&["Cargo.lock", "src/main.rs"], &[("Cargo.toml", "[workspace]\nmembers = []")]);
    assert_eq!(recipe.name, "cargo");
    assert_eq!(
        commands(&recipe),
        ["cargo build --all-targets --workspace --locked", "cargo test --workspace --locked"]
    );
    assert_eq!(recipe.file.cache, ["target"]);
    assert!(recipe.why.starts_with("recipe cargo: found Cargo.toml; builds and tests"), "{}", recipe.why);
    assert_eq!(commands(&chosen(&["Cargo.toml"], &[])), ["cargo build --all-targets", "cargo test"]);
}

#[test]
fn npm_runs_only_scripts_that_are_there() {
    let scripts = ("package.json", r#"{"scripts": {"build": "tsc", "test": "vitest"}}"#);
    let recipe = chosen(&["package-lock.json"], &[scripts]);
    assert_eq!(commands(&recipe), ["npm ci --no-audit --no-fund", "npm run build", "npm run test"]);
    assert_eq!(recipe.file.steps[2].phase, Phase::Test);
    let placeholder = r#"{"scripts": {"test": "echo \"Error: no test specified\" && exit 1"}}"#;
    let recipe = chosen(&[], &[("package.json", placeholder)]);
    assert_eq!(commands(&recipe), ["npm install --no-audit --no-fund"]);
    assert!(recipe.why.contains("no script test"), "{}", recipe.why);
    for broken in ["", "{", "[]", r#"{"scripts": 3}"#, r#"{"scripts": {"test": 3}}"#] {
        assert_eq!(chosen(&[], &[("package.json", broken)]).file.steps.len(), 1, "{broken}");
    }
}

#[test]
fn the_lock_file_names_the_package_manager() {
    let package = ("package.json", r#"{"scripts": {"test": "x"}, "packageManager": "yarn@4.1.0"}"#);
    assert_eq!(commands(&chosen(&["pnpm-lock.yaml"], &[package])), ["pnpm install --frozen-lockfile", "pnpm run test"]);
    assert_eq!(commands(&chosen(&["yarn.lock"], &[package]))[0], "yarn install --immutable");
    assert_eq!(commands(&chosen(&["yarn.lock", "package.json"], &[]))[0], "yarn install --frozen-lockfile");
}

#[test]
fn python_installs_and_tests() {
    let recipe = chosen(&["requirements.txt", "shop/__init__.py", "tests/test_shop.py"], &[]);
    assert_eq!(recipe.name, "python");
    assert!(recipe.file.steps[0].run.contains("-r requirements.txt"));
    assert!(!recipe.file.steps[0].run.contains("-e ."));
    assert_eq!(recipe.file.steps[2].test_reports, ["test-reports/pytest.xml"]);
    let recipe = chosen(&["shop.py"], &[("pyproject.toml", "[project]\nname = 'shop'")]);
    assert!(recipe.file.steps[0].run.contains("-e ."));
    assert_eq!(recipe.file.steps.len(), 2);
    assert!(recipe.why.contains("no test files"), "{}", recipe.why);
}

#[test]
fn make_runs_the_targets_it_has() {
    let makefile = "CC := gcc\nX = a:b\n.PHONY: all test\nall: main.o\n\tcc -o main\nmain.o: main.c\ncheck test:\n\t./run\n%.o: %.c\n";
    assert_eq!(commands(&chosen(&[], &[("Makefile", makefile)])), ["make all", "make test"]);
    assert_eq!(commands(&chosen(&[], &[("makefile", "main: a.c\n\tcc a.c\ncheck: main\n")])), ["make", "make check"]);
    let recipe = chosen(&[], &[("GNUmakefile", "a:\n"), ("Makefile", "test:\n")]);
    assert_eq!(commands(&recipe), ["make"]);
    assert!(recipe.why.contains("GNUmakefile") && recipe.why.contains("no target test"), "{}", recipe.why);
}

#[test]
fn odoo_modules_come_before_plain_python() {
    let recipe = chosen(&["requirements.txt", "sale_x/__manifest__.py", "sale_x/__init__.py"], &[]);
    assert_eq!(recipe.name, "odoo");
    assert!(
        recipe.why.contains("1 Odoo module") && recipe.why.contains("also found requirements.txt (python)"),
        "{}",
        recipe.why
    );
}

#[test]
fn nothing_found_says_what_to_do() {
    let error = choose(&listing(&["README.md", "web/package.json"], &[])).unwrap_err().to_string();
    assert!(
        error.contains("no plimsoll.toml") && error.contains("web/package.json") && error.contains("\"web\""),
        "{error}"
    );
    assert!(!choose(&Listing::default()).unwrap_err().to_string().contains("there is ,"));
}

#[test]
fn every_recipe_is_a_valid_build() {
    for (files, contents) in [
        (vec!["Cargo.toml"], vec![]),
        (vec!["yarn.lock"], vec![("package.json", r#"{"scripts": {"build": "x", "test": "y"}}"#)]),
        (vec!["setup.py", "test_a.py"], vec![]),
        (vec!["a/__manifest__.py"], vec![]),
        (vec![], vec![("Makefile", "all:\ntest:\n")]),
    ] {
        let recipe = chosen(&files, &contents);
        assert!(!recipe.file.steps.is_empty());
        for step in &recipe.file.steps {
            assert!(crate::build_file::STEP_PHASES.contains(&step.phase) && !step.run.is_empty());
            assert!(step.run.len() < crate::build_file::MAX_RUN_BYTES);
        }
    }
}

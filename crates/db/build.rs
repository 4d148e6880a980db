//! The migrations, functions, policies and samples are compiled in, so a changed SQL file must rebuild the crate.

fn main() {
    for folder in ["migrations", "functions", "policies", "samples", "isolation"] {
        println!("cargo:rerun-if-changed=../../db/{folder}");
    }
}

//! The image runs the program as it is. The chart is checked against the image by `make package-lint`.

use clap::Parser as _;
use lead_router::cli::{Cli, Command};

use super::markdown::{read, root};

/// The words of an instruction in exec form.
fn exec(dockerfile: &str, instruction: &str) -> Vec<String> {
    let joined = dockerfile.replace("\\\n", " ");
    let line = joined.lines().rfind(|line| line.starts_with(instruction)).unwrap().to_owned();
    let list = &line[line.find('[').unwrap()..];
    serde_json::from_str(list).unwrap()
}

#[test]
fn the_image_serves_and_is_asked_after_its_health() {
    let dockerfile = read("Dockerfile");
    assert_eq!(exec(&dockerfile, "ENTRYPOINT"), ["lead-router"]);
    let words: Vec<String> = std::iter::once("lead-router".to_owned())
        .chain(exec(&dockerfile, "CMD"))
        // The image sets it in the environment.
        .chain(["--config".to_owned(), "/etc/lead-router".to_owned()])
        .collect();
    let Some(Command::Serve(serve)) = Cli::try_parse_from(words).unwrap().command else {
        panic!("the image does not serve")
    };
    assert_eq!(serve.public.unwrap().to_string(), "0.0.0.0:8080");
    let health = exec(&dockerfile, "HEALTHCHECK");
    let health = Cli::try_parse_from(health).unwrap().command;
    let Some(Command::Healthcheck(health)) = health else { panic!("not the health check") };
    let port = serve.private.unwrap().port();
    assert_eq!(health.client.url.unwrap(), format!("http://127.0.0.1:{port}"));
    for name in ["LEAD_ROUTER_CONFIG", "LEAD_ROUTER_STORE", "LEAD_ROUTER_RUNTIME_FILE"] {
        assert!(dockerfile.contains(name), "{name}");
    }
}

#[test]
fn the_image_is_small_and_locked_up() {
    let dockerfile = read("Dockerfile");
    assert!(!dockerfile.contains("test-clock") && !dockerfile.contains("features"));
    let image = &dockerfile[dockerfile.rfind("\nFROM ").unwrap()..];
    assert!(image.starts_with("\nFROM scratch\n"), "no shell, no package manager");
    assert!(!image.contains("\nRUN "), "nothing is run in it");
    let user = image.lines().find_map(|line| line.strip_prefix("USER ")).unwrap();
    let root = user.split(':').any(|id| id.parse::<u32>().unwrap() == 0);
    assert!(!root, "{user}");
    for label in ["title", "description", "licenses", "version", "revision"] {
        assert!(image.contains(&format!("org.opencontainers.image.{label}=")), "{label}");
    }
    let version = format!("ARG VERSION={}\n", env!("CARGO_PKG_VERSION"));
    assert!(image.contains(&version), "another version than the crate's");
    assert!(read("image/tree.sh").contains("/tree/usr/local/bin/lead-router"));
    assert!(dockerfile.contains("/tree/usr/share/sbom/lead-router.cdx.json"));
}

#[test]
fn the_chart_carries_the_version_of_the_program() {
    let chart = read("helm/lead-router/Chart.yaml");
    let version = format!("appVersion: \"{}\"\n", env!("CARGO_PKG_VERSION"));
    assert!(chart.contains(&version), "{version}");
}

#[test]
fn what_the_build_needs_is_let_in() {
    let (allowed, dockerfile) = (read(".dockerignore"), read("Dockerfile"));
    let allowed: Vec<&str> = allowed.lines().filter_map(|line| line.strip_prefix('!')).collect();
    let copied: Vec<&str> = dockerfile
        .lines()
        .filter_map(|line| line.strip_prefix("COPY "))
        .flat_map(str::split_whitespace)
        .collect();
    for path in &allowed {
        assert!(root().join(path).exists(), "{path} is let into the build and does not exist");
        assert!(copied.contains(path), "{path} is let into the build and not copied");
    }
    // Whatever of these is there is read by the build.
    let of_build = [
        "Cargo.toml",
        "Cargo.lock",
        "build.rs",
        "askama.toml",
        "src",
        "config",
        "schemas",
        "benches",
    ];
    let of_image = ["image/sbom.sh", "image/tree.sh"];
    for needed in of_build.iter().chain(&of_image).filter(|path| root().join(path).exists()) {
        assert!(allowed.contains(needed), "{needed}");
    }
}

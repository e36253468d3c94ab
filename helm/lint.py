"""Checks the Dockerfile and the chart without a cluster: `make package-lint`.

hadolint on the Dockerfile; the chart linted and rendered with each set of values in
helm/lead-router/ci, every resource checked strictly against the Kubernetes schemas; values that
must be refused are refused; what image and chart both say is the same. Each check is first shown
to fail on something broken. With LEAD_ROUTER set to the program, the configuration that the chart
lays out is checked by it too.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import helm_python as helm
import kubernetes_validate
import yaml

ROOT = Path(__file__).resolve().parent.parent
CHART = ROOT / "helm" / "lead-router"
KUBERNETES = ["1.27", "1.32", "1.37"]
EXAMPLE = ROOT / "examples" / "minimal"

problems: list[str] = []


def expect(holds: bool, what: str) -> None:
    if not holds:
        problems.append(what)


def values_of(folder: Path) -> dict:
    """The folder as values, by the script that people use for it."""
    script = [str(ROOT / "helm" / "config-values.sh"), str(folder)]
    text = subprocess.run(script, check=True, capture_output=True, text=True).stdout
    return yaml.safe_load(text)


def hadolint(dockerfile: str) -> int:
    run = subprocess.run(["hadolint", "-"], input=dockerfile, text=True, capture_output=True)
    if run.returncode:
        print(run.stdout, end="")
    return run.returncode


def check_dockerfile() -> str:
    text = (ROOT / "Dockerfile").read_text()
    broken = "FROM debian\nRUN cd /tmp && sudo apt-get install curl\n"
    expect(subprocess.run(["hadolint", "-"], input=broken, text=True, capture_output=True).returncode != 0,
           "hadolint found nothing wrong with a broken Dockerfile")
    expect(hadolint(text) == 0, "hadolint: see above")
    return text


def resources(chart: helm.Chart, values: dict) -> list[dict]:
    rendered = chart.render(values=values, name="leads", namespace="sales")
    found = []
    for path, text in rendered.items():
        if path.endswith((".yaml", ".yml")):
            found += [doc for doc in yaml.safe_load_all(text) if doc]
    return found


def valid(resource: dict) -> str | None:
    """What is wrong with a resource in the eyes of Kubernetes."""
    for version in KUBERNETES:
        try:
            kubernetes_validate.validate(resource, version, strict=True)
        except kubernetes_validate.ValidationError as error:
            return f"Kubernetes {version}: {resource.get('kind')}: {error.message}"
    return None


def check_values(chart: helm.Chart, name: str, values: dict) -> list[dict]:
    for version in KUBERNETES:
        report = helm.lint(CHART, values=values, strict=True, kube_version=f"v{version}.0")
        for message in report["messages"]:
            if message["severity"] >= 2:
                problems.append(f"{name}: lint for {version}: {message['path']}: {message['error']}")
    found = resources(chart, values)
    for resource in found:
        wrong = valid(resource)
        if wrong:
            problems.append(f"{name}: {wrong}")
    return found


def refused(chart: helm.Chart, values: dict) -> str | None:
    """Why these values are refused; None if they are not."""
    try:
        chart.validate_schema(values)
        resources(chart, values)
    except helm.HelmError as error:
        return str(error)
    return None


def deep(values: dict, path: str, value: object) -> dict:
    """The values with one of them changed."""
    changed = yaml.safe_load(yaml.safe_dump(values))
    *parents, last = path.split(".")
    place = changed
    for parent in parents:
        place = place.setdefault(parent, {})
    place[last] = value
    return changed


def check_refusals(chart: helm.Chart, good: dict[str, dict]) -> None:
    redis, embedded = good["redis"], good["embedded"]
    for what, values, because in [
        ("two replicas on one embedded store", deep(embedded, "replicaCount", 2), "replicaCount"),
        ("an unknown value", deep(redis, "replicas", 2), "replicas"),
        ("a password in plain values", deep(redis, "store.redis.url", "redis://:pw@redis:6379"), "url"),
        ("no Redis at all", deep(redis, "store.redis.secret.name", ""), "store.redis needs"),
        ("no master key on Redis", deep(redis, "masterKey.secret.name", ""), "master key"),
        ("no configuration", deep(redis, "config", {}), "no configuration"),
        ("two configurations", deep(redis, "config.existingConfigMap", "own"), "either"),
        ("a ConfigMap not laid out", deep(redis, "config", {"existingConfigMap": "own"}), "config.items"),
        ("a file outside the folder", deep(redis, "config.files", {"../x.yaml": "a: 1"}), "propertyName"),
    ]:
        why = refused(chart, values)
        expect(why is not None, f"{what} is not refused")
        expect(why is None or because in why, f"{what}: refused for another reason: {why}")
    for name, values in good.items():
        expect(refused(chart, values) is None, f"{name}: refused")


def of_kind(found: list[dict], kind: str) -> list[dict]:
    return [resource for resource in found if resource["kind"] == kind]


def check_agreement(dockerfile: str, rendered: dict[str, list[dict]]) -> None:
    """The image, the chart and the program say the same."""
    pods = {name: (of_kind(found, "Deployment") + of_kind(found, "StatefulSet")) for name, found in rendered.items()}
    for name, owners in pods.items():
        expect(len(owners) == 1, f"{name}: {len(owners)} workloads")
        spec = owners[0]["spec"]["template"]["spec"]
        container = spec["containers"][0]
        command = re.search(r"^CMD (\[.*\])$", dockerfile, re.M).group(1)
        expect(container["args"] == yaml.safe_load(command), f"{name}: args are not the image's CMD")
        user = re.search(r"^USER (\d+):(\d+)$", dockerfile, re.M)
        expect(str(spec["securityContext"]["runAsUser"]) == user.group(1), f"{name}: another user than the image's")
        exposed = set(re.search(r"^EXPOSE (.*)$", dockerfile, re.M).group(1).split())
        ports = {str(port["containerPort"]) for port in container["ports"]}
        expect(ports == exposed, f"{name}: ports {ports}, the image has {exposed}")
        grace = spec["terminationGracePeriodSeconds"]
        stop = re.search(r"STOP_WITHIN: Duration = Duration::from_secs\((\d+)\)", (ROOT / "src/cli/serve.rs").read_text())
        expect(grace > int(stop.group(1)) + 5, f"{name}: the grace period is shorter than stopping may take")
        mounts = {mount["name"] for mount in container["volumeMounts"]}
        expect(mounts <= {volume["name"] for volume in spec["volumes"]} | {"data"}, f"{name}: a mount without volume")
    expect(of_kind(rendered["embedded"], "StatefulSet")[0]["spec"]["replicas"] == 1, "embedded: not one replica")
    expect(not of_kind(rendered["embedded"], "PodDisruptionBudget"), "embedded: a budget for one pod blocks drains")
    private = [
        rule for rule in of_kind(rendered["redis"], "NetworkPolicy")[0]["spec"]["ingress"]
        if any(port["port"] == 8081 for port in rule["ports"])
    ]
    expect(not private, "redis: the private listener is open by default")


def check_configuration(found: list[dict]) -> None:
    """What is mounted is the folder that went in, and the program takes it."""
    owner = (of_kind(found, "Deployment") + of_kind(found, "StatefulSet"))[0]
    volumes = owner["spec"]["template"]["spec"]["volumes"]
    items = next(volume for volume in volumes if volume["name"] == "config")["configMap"]["items"]
    data = of_kind(found, "ConfigMap")[0]["data"]
    with tempfile.TemporaryDirectory() as folder:
        for item in items:
            path = Path(folder) / item["path"]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(data[item["key"]])
            original = (EXAMPLE / item["path"]).read_text()
            expect(path.read_text() == original, f"{item['path']} is not what went in")
        sent = {str(path.relative_to(EXAMPLE)) for path in EXAMPLE.rglob("*.yaml")}
        expect({item["path"] for item in items} == sent, "files are missing in the ConfigMap")
        program = os.environ.get("LEAD_ROUTER")
        if program:
            env = os.environ | {"CRM_SECRET": "whsec_" + "A" * 43 + "="}
            run = subprocess.run([program, "check", "--strict", folder], env=env, capture_output=True, text=True)
            expect(run.returncode == 0, f"the program refuses the configuration: {run.stdout}")


def main() -> int:
    dockerfile = check_dockerfile()
    expect(valid({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "x"}, "spec": {"prots": []}}) is not None,
           "kubernetes-validate found nothing wrong with a broken resource")
    example = values_of(EXAMPLE)
    good = {}
    for path in sorted((CHART / "ci").glob("*.yaml")):
        good[path.stem] = yaml.safe_load(path.read_text()) | example
    good["own-config-map"] = good["redis"] | {
        "config": {
            "existingConfigMap": "own",
            "items": [{"key": "routing", "path": "workspaces/main/routing.yaml"}],
        }
    }
    with helm.Chart.load(CHART) as chart:
        rendered = {name: check_values(chart, name, values) for name, values in good.items()}
        check_refusals(chart, good)
    check_agreement(dockerfile, rendered)
    check_configuration(rendered["redis"])
    for problem in problems:
        print(problem, file=sys.stderr)
    count = sum(len(found) for found in rendered.values())
    print(f"Dockerfile, {len(good)} sets of values, {count} resources for Kubernetes {', '.join(KUBERNETES)}: "
          f"{len(problems)} problem(s)")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())

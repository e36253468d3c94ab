"""Checks the Dockerfile and the chart without a cluster: `make package-lint`.

hadolint on the Dockerfile; the chart linted and rendered with each set of values in
helm/lead-router/ci, every resource checked strictly against the Kubernetes schemas; values that
must be refused are refused, and for the right reason; what image and chart both say is the same; what is rendered is
as reviewed (tests/packaging/rendered; UPDATE_RENDERED=1 writes it). Each check is first shown to fail
on something broken. With LEAD_ROUTER set to the program, the configuration that the chart lays out is
checked by it too.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import helm_python as helm
import yaml

from chart import CHART, EXAMPLE, KUBERNETES, ROOT, deep, invalid, laid_out, of_kind, pod_of, refused, resources, texts, values_of

RENDERED = ROOT / "tests" / "packaging" / "rendered"

problems: list[str] = []


def expect(holds: bool, what: str) -> None:
    if not holds:
        problems.append(what)


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


def check_values(chart: helm.Chart, name: str, values: dict) -> list[dict]:
    for version in KUBERNETES:
        report = helm.lint(CHART, values=values, strict=True, kube_version=f"v{version}.0")
        for message in report["messages"]:
            if message["severity"] >= 2:
                problems.append(f"{name}: lint for {version}: {message['path']}: {message['error']}")
    found = resources(chart, values)
    for resource in found:
        wrong = invalid(resource)
        if wrong:
            problems.append(f"{name}: {wrong}")
    notes = texts(chart, values).get("NOTES.txt", "")
    expect("rollout status" in notes, f"{name}: no notes on what to do next")
    return found


def check_refusals(chart: helm.Chart, good: dict[str, dict]) -> None:
    redis, embedded, everything = good["redis"], good["embedded"], good["everything"]
    for what, values, because in [
        ("two replicas on one embedded store", deep(embedded, "replicaCount", 2), "replicaCount"),
        ("scaling an embedded store", deep(embedded, "autoscaling.enabled", True), "autoscaling"),
        ("two stores", deep(embedded, "store.redis.url", "redis://redis:6379"), "two stores are named"),
        ("two addresses of Redis", deep(redis, "store.redis.url", "redis://redis:6379"), "a url and a secret"),
        ("an unknown value", deep(redis, "replicas", 2), "replicas"),
        ("a password in plain values", deep(redis, "store.redis.url", "redis://:pw@redis:6379"), "url"),
        ("no Redis at all", deep(redis, "store.redis.secret.name", ""), "store.redis needs"),
        ("no master key on Redis", deep(redis, "masterKey.secret.name", ""), "master key"),
        ("no configuration", deep(redis, "config", {}), "no configuration"),
        ("two configurations", deep(redis, "config.existingConfigMap", "own"), "either"),
        ("a ConfigMap not laid out", deep(redis, "config", {"existingConfigMap": "own"}), "config.items"),
        ("a file outside the folder", deep(redis, "config.files", {"../x.yaml": "a: 1"}), "propertyName"),
        ("no time to finish", deep(redis, "preStopSeconds", 20), "terminationGracePeriodSeconds"),
        ("an Ingress for nobody", deep(redis, "ingress.enabled", True), "ingress.hosts"),
        ("metrics without a key", deep(everything, "serviceMonitor.key.name", ""), "serviceMonitor.key.name"),
        ("metrics that nobody may read", deep(everything, "networkPolicy.privateFrom", []), "privateFrom"),
        ("fewer at most than at least", deep(everything, "autoscaling.maxReplicas", 1), "minReplicas"),
    ]:
        why = refused(chart, values)
        expect(why is not None, f"{what} is not refused")
        expect(why is None or because in why, f"{what}: refused for another reason: {why}")
    for name, values in good.items():
        expect(refused(chart, values) is None, f"{name}: refused: {refused(chart, values)}")


def check_template_refuses_without_schema() -> None:
    """`--skip-schema-validation` gets nobody two processes on one file."""
    text = (CHART / "templates" / "_helpers.tpl").read_text()
    for sentence in ["store.kind embedded takes exactly one replica", "store.kind embedded cannot be scaled"]:
        expect(sentence in text, f"the template itself does not refuse: {sentence}")


def check_agreement(dockerfile: str, rendered: dict[str, list[dict]]) -> None:
    """The image, the chart and the program say the same."""
    dockerfile = dockerfile.replace("\\\n", " ")
    for name, found in rendered.items():
        spec = pod_of(found)["spec"]
        (container,) = spec["containers"]
        command = re.search(r"^CMD (\[.*\])$", dockerfile, re.M).group(1)
        expect(container["args"] == yaml.safe_load(command), f"{name}: args are not the image's CMD")
        user = re.search(r"^USER (\d+):(\d+)$", dockerfile, re.M)
        expect(str(spec["securityContext"]["runAsUser"]) == user.group(1), f"{name}: another user than the image's")
        exposed = set(re.search(r"^EXPOSE (.*)$", dockerfile, re.M).group(1).split())
        ports = {str(port["containerPort"]) for port in container["ports"]}
        expect(ports == exposed, f"{name}: ports {ports}, the image has {exposed}")
        grace = spec["terminationGracePeriodSeconds"]
        stop = re.search(r"STOP_WITHIN: Duration = Duration::from_secs\((\d+)\)", (ROOT / "src/cli/serve.rs").read_text())
        wait = container.get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
        expect(grace >= wait + int(stop.group(1)) + 5, f"{name}: the grace period is shorter than stopping may take")
        mounts = {mount["name"] for mount in container["volumeMounts"]}
        expect(mounts <= {volume["name"] for volume in spec["volumes"]} | {"data"}, f"{name}: a mount without volume")
        expect(not any("subPath" in mount for mount in container["volumeMounts"]), f"{name}: a subPath never changes")
        secured = container["securityContext"]
        expect(secured["readOnlyRootFilesystem"] and not secured["allowPrivilegeEscalation"]
               and secured["capabilities"] == {"drop": ["ALL"]} and spec["securityContext"]["runAsNonRoot"]
               and spec["securityContext"]["seccompProfile"]["type"] == "RuntimeDefault"
               and spec["automountServiceAccountToken"] is False, f"{name}: not as locked up as it can be")
        expect({"startupProbe", "livenessProbe", "readinessProbe"} <= set(container), f"{name}: a probe is missing")


def check_meaning(rendered: dict[str, list[dict]]) -> None:
    """What each variant must and must not have."""
    embedded, redis, everything = rendered["embedded"], rendered["redis"], rendered["everything"]
    expect(of_kind(embedded, "StatefulSet")[0]["spec"]["replicas"] == 1, "embedded: not one replica")
    expect(not of_kind(embedded, "PodDisruptionBudget"), "embedded: a budget for one pod blocks drains")
    rules = of_kind(redis, "NetworkPolicy")[0]["spec"]
    opened = [rule for rule in rules["ingress"] if any(port["port"] == 8081 for port in rule["ports"])]
    expect(not opened, "redis: the private listener is open by default")
    out = sorted({port["port"] for rule in rules["egress"] for port in rule["ports"]})
    expect(out == [53, 443, 6379, 26379], f"redis: pods may reach ports {out}")
    rules = of_kind(embedded, "NetworkPolicy")[0]["spec"]
    out = sorted({port["port"] for rule in rules["egress"] for port in rule["ports"]})
    expect(out == [53, 443], f"embedded: pods may reach ports {out}")
    for rule in of_kind(everything, "Ingress")[0]["spec"]["rules"]:
        (path,) = rule["http"]["paths"]
        service = of_kind(everything, "Service")[0]
        expect(path["backend"]["service"]["name"] == service["metadata"]["name"]
               and service["spec"]["ports"][0]["targetPort"] == "public", "the Ingress does not lead to the public listener")
    expect("replicas" not in of_kind(everything, "Deployment")[0]["spec"], "replicas fight with the autoscaler")
    expect("checksum/secrets" in pod_of(everything)["metadata"]["annotations"], "a changed Secret of ours restarts nobody")
    for found in (redis, embedded):
        expect("checksum" not in json.dumps(pod_of(found)["metadata"]), "a change of configuration would restart")
    monitor = of_kind(everything, "ServiceMonitor")[0]["spec"]["selector"]["matchLabels"]
    private = [service for service in of_kind(everything, "Service") if monitor.items() <= service["metadata"]["labels"].items()]
    expect([service["spec"]["ports"][0]["targetPort"] for service in private] == ["private"], "the ServiceMonitor finds another service")


def check_schema_and_values() -> None:
    """Every value has a default, and every default a schema."""
    schema = json.loads((CHART / "values.schema.json").read_text())
    values = yaml.safe_load((CHART / "values.yaml").read_text())

    def walk(properties: dict, defaults: dict, path: str) -> None:
        for name in properties.keys() | defaults.keys():
            if name == "global":
                continue
            at = f"{path}{name}"
            expect(name in defaults, f"values.yaml lacks {at}")
            expect(name in properties, f"values.schema.json lacks {at}")
            inner = properties.get(name, {})
            inner = schema["definitions"].get(inner.get("$ref", "").rpartition("/")[2], inner)
            if "properties" in inner and isinstance(defaults.get(name), dict):
                walk(inner["properties"], defaults[name], f"{at}.")

    walk(schema["properties"], values, "")


def check_configuration(found: list[dict]) -> None:
    """What is mounted is the folder that went in, and the program takes it."""
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        laid_out(found, folder)
        # Rule tests are no part of what a service runs by (config-values.sh).
        sent = {path.relative_to(EXAMPLE) for path in EXAMPLE.rglob("*") if path.suffix in (".yaml", ".csv")}
        sent = {path for path in sent if "tests" not in path.parts}
        for path in sent:
            there = folder / path
            expect(there.exists() and there.read_text() == (EXAMPLE / path).read_text(), f"{path} is not what went in")
        program = os.environ.get("LEAD_ROUTER")
        if program:
            env = os.environ | {"CRM_SECRET": "whsec_" + "A" * 43 + "="}
            run = subprocess.run([program, "check", "--strict", folder], env=env, capture_output=True, text=True)
            expect(run.returncode == 0, f"the program refuses the configuration: {run.stdout}")


def check_bytes(chart: helm.Chart, values: dict) -> None:
    """Files arrive as they went in, also those that YAML would like to indent."""
    for text in ["  spaced,first\nvalue,\t2\n", "# only: a comment\n", "a: |\n  b\n"]:
        found = resources(chart, deep(values, "config.files", {"workspaces/main/lists/x.csv": text}))
        arrived = list(of_kind(found, "ConfigMap")[0]["data"].values())
        expect(arrived == [text], f"{text!r} arrives as {arrived!r}")


def check_rendered(chart: helm.Chart, name: str, values: dict) -> None:
    """As reviewed, so that a change of the chart is seen in what it makes."""
    found = texts(chart, values)
    text = "".join(f"# {path}\n{found[path].strip()}\n\n" for path in sorted(found))
    path = RENDERED / f"{name}.txt"
    if os.environ.get("UPDATE_RENDERED"):
        RENDERED.mkdir(exist_ok=True)
        path.write_text(text)
    expect(path.exists() and path.read_text() == text, f"{path.relative_to(ROOT)} is not what is rendered: UPDATE_RENDERED=1")


def main() -> int:
    dockerfile = check_dockerfile()
    expect(invalid({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "x"}, "spec": {"prots": []}}) is not None,
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
        check_bytes(chart, good["redis"])
        # The smallest configuration, so that the chart is what is read.
        small = {"config": {"files": {"workspaces/main/routing.yaml": "fallback: { queue: triage }\n"}}}
        for name in ("redis", "embedded", "everything"):
            check_rendered(chart, name, good[name] | small)
    check_template_refuses_without_schema()
    check_agreement(dockerfile, rendered)
    check_meaning(rendered)
    check_schema_and_values()
    check_configuration(rendered["redis"])
    for problem in problems:
        print(problem, file=sys.stderr)
    count = sum(len(found) for found in rendered.values())
    print(f"Dockerfile, {len(good)} sets of values, {count} resources for Kubernetes {', '.join(KUBERNETES)}: "
          f"{len(problems)} problem(s)")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())

"""A platform engineer's way through helm/lead-router/README.md, as it stands there: `make package-lint`.

Every line of its shell blocks is run, in order. `helm` and `kubectl` are stood in for, because there is no cluster: `helm`
renders by Helm's own library and has every resource judged by the schemas of Kubernetes; `kubectl
create secret` is remembered, and every Secret that a rendered pod names must have been made, with that key; what only a
cluster could answer is listed as such. The configuration that arrives in the pods is laid out as the kubelet
does and given to the program.
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

from chart import CHART, ROOT, invalid, laid_out, merged, of_kind, pod_of, resources

PAGE = ROOT / "helm" / "lead-router" / "README.md"
# Verbs of kubectl that need pods that run.
IN_A_CLUSTER = {"rollout", "exec", "port-forward", "logs", "get"}


def fail(why: str) -> None:
    raise SystemExit(f"FAIL {why}")


def stand_in(name: str, arguments: list[str]) -> None:
    """What the stand-ins do: this file, called under their name."""
    made = Path(os.environ["JOURNEY"]) / "secrets.json"
    secrets = json.loads(made.read_text()) if made.exists() else {}
    if name == "helm":
        install(arguments, secrets)
    elif arguments[:3] == ["create", "secret", "generic"]:
        keys = [argument.removeprefix("--from-literal=").partition("=") for argument in arguments[4:]]
        if any(not value for _, _, value in keys):
            fail(f"kubectl: an empty value in {arguments[3]}")
        made.write_text(json.dumps(secrets | {arguments[3]: [key for key, _, _ in keys]}))
        print(f"     secret {arguments[3]} is made")
    elif arguments[0] in IN_A_CLUSTER:
        print(f"     (needs a cluster: kubectl {arguments[0]} {arguments[1]})")
    else:
        fail(f"kubectl {arguments[0]}: the journey does not know it")


def install(arguments: list[str], secrets: dict[str, list[str]]) -> None:
    """`helm upgrade --install NAME CHART -f FILE …`."""
    if arguments[:2] != ["upgrade", "--install"] or Path(arguments[3]).resolve() != CHART:
        fail(f"helm {arguments}: the journey does not know it")
    values: dict = {}
    rest = arguments[4:]
    while rest:
        flag, file, *rest = rest
        if flag != "-f":
            fail(f"helm: {flag}")
        values = merged(values, yaml.safe_load(Path(file).read_text()))
    with helm.Chart.load(CHART) as chart:
        found = resources(chart, values)
    for resource in found:
        if wrong := invalid(resource):
            fail(wrong)
    pod = pod_of(found)["spec"]
    named = [entry["valueFrom"]["secretKeyRef"] for entry in pod["containers"][0]["env"] if "valueFrom" in entry]
    for reference in named:
        if reference["key"] not in secrets.get(reference["name"], []):
            fail(f"the pod wants {reference}, which nobody has made")
    for source in pod["containers"][0].get("envFrom", []):
        if source["secretRef"]["name"] not in secrets:
            fail(f"the pod wants {source}, which nobody has made")
    (owner,) = of_kind(found, "Deployment") + of_kind(found, "StatefulSet")
    with tempfile.TemporaryDirectory() as folder:
        laid_out(found, Path(folder))
        if program := os.environ.get("LEAD_ROUTER"):
            env = os.environ | {"CRM_SECRET": "whsec_" + "A" * 43 + "="}
            subprocess.run([program, "check", "--strict", folder], env=env, check=True, stdout=subprocess.DEVNULL)
    print(f"     {owner['kind']} {owner['metadata']['name']}, {owner['spec'].get('replicas', 'scaled')} replica(s), "
          f"{len(found)} resources: {' '.join(sorted({resource['kind'] for resource in found}))}")


def blocks(text: str) -> list[str]:
    return re.findall(r"^```sh\n(.*?)^```", text, re.M | re.S)


def main() -> int:
    commands = [line for block in blocks(PAGE.read_text()) for line in block.splitlines()]
    if sum(line.startswith("helm upgrade") for line in commands) < 3:
        fail(f"the commands of {PAGE} were not found")
    with tempfile.TemporaryDirectory() as folder:
        journey = Path(folder)
        tools = journey / "bin"
        tools.mkdir()
        for name in ("helm", "kubectl"):
            (tools / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" "{__file__}" stand-in {name} "$@"\n')
            (tools / name).chmod(0o755)
        if program := os.environ.get("LEAD_ROUTER"):
            (tools / "lead-router").symlink_to(program)
        for part in ("helm", "examples"):
            (journey / part).symlink_to(ROOT / part)
        env = os.environ | {"PATH": f"{tools}:{os.environ['PATH']}", "JOURNEY": folder}
        for line in commands:
            if "lead-router check" in line and not program:
                print(f"     (without LEAD_ROUTER not run: {line})")
                continue
            print(f"$ {line}", flush=True)
            if subprocess.run(["sh", "-euc", line], cwd=folder, env=env).returncode:
                fail(f"{PAGE.relative_to(ROOT)}: {line}")
    print(f"{PAGE.relative_to(ROOT)}: {len(commands)} commands")
    return 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["stand-in"]:
        stand_in(sys.argv[2], sys.argv[3:])
    else:
        sys.exit(main())

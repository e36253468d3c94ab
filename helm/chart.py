"""The chart as others see it: rendered, and judged by the schemas of Kubernetes."""

import subprocess
from pathlib import Path

import helm_python as helm
import kubernetes_validate
import yaml

ROOT = Path(__file__).resolve().parent.parent
CHART = ROOT / "helm" / "lead-router"
KUBERNETES = ["1.30", "1.33", "1.37"]
EXAMPLE = ROOT / "examples" / "minimal"
# Kinds that Kubernetes itself does not know: only looked at by our own checks.
OF_OTHERS = {"ServiceMonitor"}


def values_of(folder: Path) -> dict:
    """A configuration folder as values, by the script that people use for it."""
    script = [str(ROOT / "helm" / "config-values.sh"), str(folder)]
    return yaml.safe_load(subprocess.run(script, check=True, capture_output=True, text=True).stdout)


def deep(values: dict, path: str, value: object) -> dict:
    """The values with one of them changed, as by `--set`."""
    changed = yaml.safe_load(yaml.safe_dump(values))
    *parents, last = path.split(".")
    place = changed
    for parent in parents:
        place = place.setdefault(parent, {})
    place[last] = value
    return changed


def merged(values: dict, more: dict) -> dict:
    """Several value files, the later ones over the earlier, as Helm takes them."""
    result = dict(values)
    for key, value in more.items():
        both = isinstance(value, dict) and isinstance(result.get(key), dict)
        result[key] = merged(result[key], value) if both else value
    return result


def texts(chart: helm.Chart, values: dict) -> dict[str, str]:
    """What Helm makes of the values, by template; raises helm.HelmError where it refuses them."""
    chart.validate_schema(values)
    rendered = chart.render(values=values, name="leads", namespace="sales")
    return {Path(path).name: text for path, text in rendered.items() if text.strip()}


def resources(chart: helm.Chart, values: dict) -> list[dict]:
    """The resources among that."""
    found = texts(chart, values)
    return [doc for path in sorted(found) if path.endswith(".yaml") for doc in yaml.safe_load_all(found[path]) if doc]


def refused(chart: helm.Chart, values: dict) -> str | None:
    """Why these values are refused; None if they are not."""
    try:
        texts(chart, values)
    except helm.HelmError as error:
        return str(error)
    return None


def invalid(resource: dict) -> str | None:
    """What is wrong with a resource in the eyes of Kubernetes; None if nothing is."""
    if resource.get("kind") in OF_OTHERS:
        return None
    for version in KUBERNETES:
        try:
            kubernetes_validate.validate(resource, version, strict=True)
        except kubernetes_validate.ValidationError as error:
            return f"Kubernetes {version}: {resource.get('kind')}: {error.message}"
    return None


def of_kind(found: list[dict], kind: str) -> list[dict]:
    return [resource for resource in found if resource["kind"] == kind]


def pod_of(found: list[dict]) -> dict:
    """The pod of the one workload."""
    (owner,) = of_kind(found, "Deployment") + of_kind(found, "StatefulSet")
    return owner["spec"]["template"]


def laid_out(found: list[dict], folder: Path) -> None:
    """Writes the mounted configuration as the kubelet does: files behind a link that is swapped as a whole."""
    volumes = pod_of(found)["spec"]["volumes"]
    items = next(volume for volume in volumes if volume["name"] == "config")["configMap"]["items"]
    data = of_kind(found, "ConfigMap")[0]["data"]
    inside = folder / "..2026_01_01"
    for item in items:
        path = inside / item["path"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(data[item["key"]])
    (folder / "..data").symlink_to(inside.name)
    for top in sorted(path.name for path in inside.iterdir()):
        (folder / top).symlink_to(Path("..data") / top)

"""Runs the image as it is declared and looks at how it behaves: `make image-try`, after `make image-local`.

Needs root on Linux and no container engine: namespaces of its own, a root that is mounted read-only,
the image's own user, environment, command and health check. A post is taken, routed and delivered to a receiver
here; SIGTERM ends it in time and with 0; what was acknowledged is there after a new start; nothing but
the data and the runtime folder can be written.
"""

import http.server
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILT = ROOT / "target" / "image"
PUBLIC, PRIVATE = "http://127.0.0.1:8080", "http://127.0.0.1:8081"
WITHIN = 20.0

# What a container engine does, in the order it does it. The last line becomes the image's first process.
CONTAINER = """
set -eu
mount --make-rprivate /
mount --bind {root} {root}
mount -t tmpfs -o size=1m,mode=0755 tmpfs {root}/dev
for device in null zero urandom; do touch {root}/dev/$device; mount --bind /dev/$device {root}/dev/$device; done
mount -t proc -o nosuid,nodev,noexec proc {root}/proc
mount -t tmpfs -o size=1m,uid=10001,gid=10001,mode=0700 tmpfs {root}/run/lead-router
mount --bind {data} {root}/data
mount --bind {config} {root}/etc/lead-router
mount -o remount,bind,ro {root}/etc/lead-router
mount -o remount,bind,ro {root}/dev
mount -o remount,bind,ro {root}
exec setpriv --no-new-privs env -i {environment} {chroot} --userspec={user} --groups= {root} {command}
"""


class Receiver(http.server.BaseHTTPRequestHandler):
    """Stands for the CRM: takes everything."""

    events: list[dict] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        Receiver.events.append(json.loads(body))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


class Container:
    """The image, running."""

    running: "Container | None" = None

    def __init__(self, declared: dict, folder: Path) -> None:
        self.declared, self.folder = declared, folder
        Container.running = self
        self.log = open(folder / "log", "ab")
        environment = declared["Env"] + ["CRM_SECRET=whsec_" + "A" * 43 + "="]
        program = declared["Entrypoint"] + declared["Cmd"]
        script = CONTAINER.format(
            root=shlex.quote(str(BUILT / "rootfs")), data=folder / "data", config=folder / "config",
            environment=shlex.join(environment), chroot=shutil.which("chroot"), user=declared["User"],
            command=shlex.join(in_image(program)),
        )
        self.engine = subprocess.Popen(
            ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", script],
            stdout=self.log, stderr=self.log,
        )

    def first_process(self) -> int:
        """The image's first process, as seen from outside."""
        children = Path(f"/proc/{self.engine.pid}/task/{self.engine.pid}/children")
        return int(until("the first process", lambda: children.read_text().split()[0]))

    def inside(self, command: list[str]) -> subprocess.CompletedProcess:
        """Runs one of the image's programs beside the first process, as the image's user."""
        enter = ["nsenter", f"--target={self.first_process()}", "--mount", "--pid"]
        drop = ["env", "-i", *self.declared["Env"], str(shutil.which("chroot")), f"--userspec={self.declared['User']}", "--groups="]
        return subprocess.run(enter + drop + [str(BUILT / "rootfs")] + in_image(command), capture_output=True, text=True)

    def writable(self) -> list[str]:
        """What the image's user could write to, by asking the kernel about every file."""
        root = str(BUILT / "rootfs")
        user = self.declared["User"].split(":")
        enter = ["nsenter", f"--target={self.first_process()}", "--mount"]
        drop = ["setpriv", f"--reuid={user[0]}", f"--regid={user[1]}", "--clear-groups"]
        find = ["find", root, "-path", f"{root}/proc", "-prune", "-o", "!", "-type", "l", "-writable", "-print"]
        found = subprocess.run(enter + drop + find, capture_output=True, text=True).stdout.split()
        return sorted(path.removeprefix(root) for path in found)

    def stop(self) -> tuple[int, float]:
        """Exit code and seconds from SIGTERM to the end."""
        began = time.monotonic()
        os.kill(self.first_process(), signal.SIGTERM)
        return self.engine.wait(timeout=60), time.monotonic() - began


def in_image(command: list[str]) -> list[str]:
    """The image's PATH has one folder; chroot does not look there by itself."""
    return [f"/usr/local/bin/{command[0]}", *command[1:]]


def until(what: str, ask: object) -> object:
    """Asks until there is an answer."""
    deadline = time.monotonic() + WITHIN
    while time.monotonic() < deadline:
        try:
            if answer := ask():
                return answer
        except (OSError, IndexError):
            pass
        time.sleep(0.05)
    said = Container.running.folder.joinpath("log").read_text() if Container.running else ""
    raise SystemExit(f"{said}{what}: not within {WITHIN:.0f} s")


def post(**answers: str) -> dict:
    body = urllib.parse.urlencode(answers).encode()
    request = urllib.request.Request(f"{PUBLIC}/v1/main/inquiries/form", data=body)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def configuration(folder: Path, receiver: int) -> None:
    """The example, with the receiver here as its CRM."""
    shutil.copytree(ROOT / "examples" / "minimal", folder)
    crm = folder / "workspaces" / "main" / "destinations" / "crm.yaml"
    crm.write_text(crm.read_text().replace("https://crm.example.com", f"http://127.0.0.1:{receiver}"))
    (folder / "server.yaml").write_text(f'egress: {{ allow: ["127.0.0.1/32:{receiver}"], http: true }}\n')


def check(holds: bool, what: str) -> None:
    print(f"{'ok  ' if holds else 'FAIL'} {what}")
    if not holds:
        raise SystemExit(1)


def check_files(declared: dict) -> None:
    """What can be said without running it."""
    root = BUILT / "rootfs"
    uid, gid = declared["User"].split(":")
    check(uid.isdigit() and int(uid) > 0 and gid.isdigit(), f"runs as {declared['User']}, a number that is not root")
    programs = [path for path in root.rglob("*") if path.is_file() and path.stat().st_mode & 0o111 and ".so" not in path.name]
    check([path.name for path in programs] == ["lead-router"], "one program, no shell")
    marked = [path for path in root.rglob("*") if not path.is_symlink() and path.stat().st_mode & 0o6000]
    check(not marked, "nothing runs as somebody else (setuid)")
    own = {str(path.relative_to(root)) for path in root.rglob("*") if path.lstat().st_uid == int(uid)}
    check(own == {"data", "run/lead-router"}, f"its user owns {sorted(own)}")
    bill = json.loads((root / "usr/share/sbom/lead-router.cdx.json").read_text())
    names = {component["name"] for component in bill["components"]}
    check({"actix-web", "redis", "redb"} <= names, f"the bill of materials names {len(names)} crates")
    labels = declared["Labels"]
    check(labels["org.opencontainers.image.revision"] not in ("", "unknown"), "labelled with its revision")


def main() -> int:
    declared = json.loads((BUILT / "image.json").read_text())["Docker"]["config"]
    check_files(declared)
    receiver = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=receiver.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        configuration(folder / "config", receiver.server_port)
        (folder / "data").mkdir(mode=0o700)
        uid, gid = (int(part) for part in declared["User"].split(":"))
        os.chown(folder / "data", uid, gid)
        began = time.monotonic()
        container = Container(declared, folder)
        ready = lambda: urllib.request.urlopen(f"{PUBLIC}/readyz", timeout=2).status == 200
        until("ready", ready)
        print(f"     ready after {time.monotonic() - began:.2f} s")
        _, *health = declared["Healthcheck"]["Test"]
        asked = container.inside(health)
        check(asked.returncode == 0, f"its health check passes: {asked.stdout.strip()}")
        status = Path(f"/proc/{container.first_process()}/status").read_text()
        check("CapEff:\t0000000000000000" in status and "NoNewPrivs:\t1" in status, "no capabilities, none to be gained")
        writable = container.writable()
        check(all(path.startswith(("/data", "/run/lead-router")) or path in ("/dev/null", "/dev/zero", "/dev/urandom")
                  for path in writable), f"can write only {writable}")
        flags = container.inside(["lead-router", "serve", "--help"]).stdout
        check("--store" in flags and "test-clock" not in flags, "no movable clock in it")
        post(name="Ada Quillfeather", email="ada@quillfeather.example", phone="+49 30 23125 014")
        until("the delivery", lambda: any(event["type"] == "lead.routed" for event in Receiver.events))
        check(True, "a post is routed and delivered")
        found = container.inside(["lead-router", "find", "--workspace", "main", "ada@quillfeather.example"])
        check(found.returncode == 0 and "routed" in found.stdout, "commands inside find the running service")
        code, seconds = container.stop()
        check(code == 0 and seconds < 25, f"SIGTERM ends it with {code} after {seconds:.2f} s")
        container = Container(declared, folder)
        until("ready again", ready)
        found = container.inside(["lead-router", "find", "--workspace", "main", "ada@quillfeather.example"])
        check("routed" in found.stdout, "what was acknowledged is there after a new start")
        container.stop()
    return 0


if __name__ == "__main__":
    if "alone" not in sys.argv:
        # In a network of its own nobody else has the image's ports.
        loopback = "ip link set lo up && exec " + shlex.join([sys.executable, __file__, "alone"])
        os.execvp("unshare", ["unshare", "--net", "sh", "-c", loopback])
    sys.exit(main())

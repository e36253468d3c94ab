//! Real redis-server processes for tests: one, a three-master cluster, a watched master with its
//! replica and three sentinels, TLS, an ACL user. Free ports, own directories, gone on drop.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use tempfile::TempDir;

const START_MAX: Duration = Duration::from_secs(10);

/// Lets tests and commands speak to a server without the product's own connection.
pub fn tell(port: u16, words: &[&str]) -> redis::RedisResult<redis::Value> {
    let client = redis::Client::open(format!("redis://127.0.0.1:{port}/"))?;
    let mut connection = client.get_connection_with_timeout(Duration::from_secs(2))?;
    connection.set_read_timeout(Some(Duration::from_secs(5)))?;
    let mut cmd = redis::cmd(words[0]);
    for word in &words[1..] {
        cmd.arg(*word);
    }
    cmd.query(&mut connection)
}

/// A port nobody listens on now, low enough for a cluster's bus beside it. It lies below those that
/// the system gives to connections (32768 and up): a server that is started again finds it free.
pub fn free_port() -> u16 {
    const FIRST: u16 = 15_000;
    const COUNT: u16 = 17_000;
    static NEXT: LazyLock<AtomicU16> = LazyLock::new(|| AtomicU16::new(rand::random()));
    loop {
        let port = FIRST + NEXT.fetch_add(1, Ordering::Relaxed) % COUNT;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

fn wait_until(what: &str, mut done: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !done() {
        assert!(begun.elapsed() < START_MAX, "{what} took longer than {START_MAX:?}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// One redis-server (or sentinel) process.
pub struct Server {
    child: Option<Child>,
    dir: TempDir,
    pub port: u16,
    args: Vec<String>,
    tls: bool,
}

impl Server {
    /// A server that keeps nothing beyond its life.
    pub fn start() -> Self {
        Self::start_with(&["--appendonly", "no"])
    }

    /// A server that writes every command to disk before it answers.
    pub fn start_durable() -> Self {
        Self::start_with(&["--appendonly", "yes", "--appendfsync", "always"])
    }

    /// The same with snapshots too, in which texts stand as they are.
    pub fn start_with_snapshots() -> Self {
        let plain = ["--save", "3600 1", "--rdbcompression", "no"];
        let durable = ["--appendonly", "yes", "--appendfsync", "always"];
        Self::start_with(&[&durable[..], &plain].concat())
    }

    /// Has it write a snapshot, and waits for that.
    pub fn save(&self) {
        tell(self.port, &["SAVE"]).expect("a snapshot");
    }

    /// A server with further settings.
    pub fn start_with(settings: &[&str]) -> Self {
        let settings: Vec<String> = settings.iter().map(|&word| word.to_owned()).collect();
        Self::spawn(settings, false)
    }

    /// A server that speaks only TLS, with the certificate of `authority`.
    pub fn start_tls(authority: &Authority) -> Self {
        let path = |path: &Path| path.display().to_string();
        let settings = [
            "--tls-cert-file".to_owned(),
            path(&authority.certificate),
            "--tls-key-file".to_owned(),
            path(&authority.key),
            "--tls-ca-cert-file".to_owned(),
            path(&authority.ca),
            "--tls-auth-clients".to_owned(),
            "no".to_owned(),
        ];
        Self::spawn(settings.to_vec(), true)
    }

    fn spawn(args: Vec<String>, tls: bool) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let mut server = Self { child: None, dir, port: free_port(), args, tls };
        for _ in 0..5 {
            server.run();
            if server.is_up_soon() {
                return server;
            }
            server.kill();
            server.port = free_port();
        }
        panic!("redis-server did not start: {}", server.log());
    }

    fn run(&mut self) {
        let port = self.port.to_string();
        let log = self.dir.path().join("log");
        let mut command = Command::new("redis-server");
        command
            .args(["--port", if self.tls { "0" } else { &port }])
            .args(["--bind", "127.0.0.1", "--save", "", "--maxmemory-policy", "noeviction"])
            .args(["--daemonize", "no", "--loglevel", "notice"])
            .arg("--dir")
            .arg(self.dir.path())
            .arg("--logfile")
            .arg(log);
        if self.tls {
            command.args(["--tls-port", &port]);
        }
        command.args(&self.args);
        self.child = Some(begin(command));
    }

    fn is_up_soon(&mut self) -> bool {
        let begun = Instant::now();
        while begun.elapsed() < START_MAX {
            if !matches!(self.child.as_mut().map(Child::try_wait), Some(Ok(None))) {
                return false;
            }
            let up = if self.tls {
                std::net::TcpStream::connect(("127.0.0.1", self.port)).is_ok()
            } else {
                match tell(self.port, &["PING"]) {
                    Ok(_) => true,
                    Err(error) => error.kind() == redis::ErrorKind::AuthenticationFailed,
                }
            };
            if up {
                return true;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        false
    }

    /// Where its files are.
    pub fn folder(&self) -> &Path {
        self.dir.path()
    }

    /// What it wrote to its log.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.dir.path().join("log")).unwrap_or_default()
    }

    /// The address for the product.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// SIGKILL.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Starts a killed one again, on the same port and directory, and does not wait until it is up.
    pub fn spawn_again(&mut self) {
        self.run();
    }

    /// Starts a killed one again, on the same port and directory.
    pub fn restart(&mut self) {
        self.kill();
        self.run();
        assert!(self.is_up_soon(), "redis-server did not come back: {}", self.log());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

fn begin(mut command: Command) -> Child {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().unwrap_or_else(|error| {
        panic!("redis-server is needed for this test ({error}): apt-get install redis-server")
    })
}

/// Three masters, the slots shared out evenly.
pub struct Cluster {
    pub masters: Vec<Server>,
}

impl Cluster {
    pub fn start() -> Self {
        let masters: Vec<Server> = (0..3)
            .map(|_| {
                let bus = free_port().to_string();
                let settings = ["--cluster-enabled", "yes", "--cluster-node-timeout", "2000"];
                Server::start_with(&[&settings[..], &["--cluster-port", &bus]].concat())
            })
            .collect();
        let shares = [("0", "5460"), ("5461", "10922"), ("10923", "16383")];
        for (epoch, (master, (first, last))) in masters.iter().zip(shares).enumerate() {
            let epoch = (epoch + 1).to_string();
            tell(master.port, &["CLUSTER", "SET-CONFIG-EPOCH", &epoch]).expect("an epoch");
            tell(master.port, &["CLUSTER", "ADDSLOTSRANGE", first, last]).expect("slots");
        }
        for other in &masters[1..] {
            let (port, bus) = (other.port.to_string(), bus_port(other));
            tell(masters[0].port, &["CLUSTER", "MEET", "127.0.0.1", &port, &bus])
                .expect("a meeting");
        }
        let cluster = Self { masters };
        wait_until("the cluster", || cluster.is_whole());
        cluster
    }

    fn is_whole(&self) -> bool {
        self.masters.iter().all(|master| {
            let info = tell(master.port, &["CLUSTER", "INFO"]).ok().map(text).unwrap_or_default();
            let slots = tell(master.port, &["CLUSTER", "SLOTS"]);
            info.contains("cluster_state:ok")
                && matches!(slots, Ok(redis::Value::Array(ranges)) if ranges.len() == 3)
        })
    }

    pub fn url(&self) -> String {
        let hosts: Vec<_> = self.masters.iter().map(|m| format!("127.0.0.1:{}", m.port)).collect();
        format!("redis-cluster://{}", hosts.join(","))
    }
}

fn bus_port(server: &Server) -> String {
    server.args.last().expect("the bus port comes last").clone()
}

fn text(value: redis::Value) -> String {
    redis::from_redis_value(value).unwrap_or_default()
}

/// A master with one replica, and three sentinels that watch it under the name `leads`.
pub struct Watched {
    pub master: Server,
    pub replica: Server,
    sentinels: Vec<(Child, u16, TempDir)>,
}

impl Watched {
    pub fn start() -> Self {
        let durable = ["--appendonly", "yes", "--repl-diskless-sync-delay", "0"];
        let master = Server::start_with(&durable);
        let port = master.port.to_string();
        let replica =
            Server::start_with(&[&durable[..], &["--replicaof", "127.0.0.1", &port]].concat());
        let sentinels = (0..3).map(|_| sentinel(master.port)).collect();
        let watched = Self { master, replica, sentinels };
        wait_until("the replica", || {
            tell(watched.replica.port, &["INFO", "replication"])
                .is_ok_and(|info| text(info).contains("master_link_status:up"))
        });
        wait_until("the sentinels", || {
            watched.sentinels.iter().all(|(_, port, _)| {
                tell(*port, &["INFO", "sentinel"])
                    .is_ok_and(|info| text(info).contains("slaves=1,sentinels=3"))
            })
        });
        watched
    }

    pub fn url(&self) -> String {
        let hosts: Vec<_> =
            self.sentinels.iter().map(|(_, port, _)| format!("127.0.0.1:{port}")).collect();
        format!("redis-sentinel://{}/leads", hosts.join(","))
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        for (child, ..) in &mut self.sentinels {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn sentinel(master: u16) -> (Child, u16, TempDir) {
    let dir = tempfile::tempdir().expect("a directory");
    let port = free_port();
    let file = dir.path().join("sentinel.conf");
    let lines = [
        format!("port {port}"),
        "bind 127.0.0.1".to_owned(),
        format!("dir {}", dir.path().display()),
        format!("logfile {}", dir.path().join("log").display()),
        format!("sentinel monitor leads 127.0.0.1 {master} 2"),
        "sentinel down-after-milliseconds leads 700".to_owned(),
        "sentinel failover-timeout leads 3000".to_owned(),
    ];
    std::fs::write(&file, lines.join("\n")).expect("the sentinel's file");
    let mut command = Command::new("redis-server");
    command.arg(&file).arg("--sentinel");
    let child = begin(command);
    wait_until("a sentinel", || tell(port, &["PING"]).is_ok());
    (child, port, dir)
}

/// A certificate authority made for one test, and a certificate for 127.0.0.1 signed by it.
pub struct Authority {
    _dir: TempDir,
    pub ca: PathBuf,
    certificate: PathBuf,
    key: PathBuf,
}

impl Authority {
    pub fn make() -> Self {
        use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
        let dir = tempfile::tempdir().expect("a directory");
        let mut params = CertificateParams::new(Vec::new()).expect("parameters");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key"))
            .expect("an authority");
        let key = KeyPair::generate().expect("a key");
        let certificate = CertificateParams::new(vec!["127.0.0.1".to_owned()])
            .and_then(|params| params.signed_by(&key, &issuer))
            .expect("a certificate");
        let file = |name: &str, text: String| {
            let path = dir.path().join(name);
            std::fs::write(&path, text).expect("a file");
            path
        };
        Self {
            ca: file("ca.pem", issuer.pem()),
            certificate: file("server.pem", certificate.pem()),
            key: file("server.key", key.serialize_pem()),
            _dir: dir,
        }
    }
}

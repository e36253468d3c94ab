//! What only the embedded engine promises: one process, durable answers, online backup, its format.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use lead_router::domain::ports::{Durability, Store, StoreError};
use lead_router::domain::{Key, Timestamp, Write};
use lead_router::store::embedded::Embedded;

use super::bench::{Bench, at, claim_entry, inquiry, job, lead, put};

fn bench(directory: &Path) -> Bench {
    Bench::new(Arc::new(Embedded::open(directory).unwrap()), Box::new(()))
}

#[tokio::test]
async fn what_was_answered_is_there_after_opening_again() {
    let directory = tempfile::tempdir().unwrap();
    let first = bench(directory.path());
    let mut commit = first.jobs(0, vec![job(1)]);
    commit.claim = Some(claim_entry(1, 1, inquiry(1), 1000));
    commit.writes = vec![put(Key::Lead(lead(1)), 1, b"x")];
    first.committed(&commit).await;
    let (workspace, before) = (first.workspace.clone(), first.dump().await);
    drop(first);
    let store = Embedded::open(directory.path()).unwrap();
    assert_eq!(store.dump(&workspace).await.unwrap(), before);
    assert_eq!(store.durability().await, Ok(Durability::Always));
}

#[tokio::test]
async fn what_was_answered_is_in_the_file_at_any_time() {
    let directory = tempfile::tempdir().unwrap();
    let running = bench(directory.path());
    for number in 0..20 {
        let mut commit = running.commit(number);
        commit.writes = vec![put(Key::Overlay, u64::try_from(number).unwrap() + 1, b"x")];
        running.committed(&commit).await;
        if number % 5 == 0 {
            // What a kill at this moment leaves behind: the file, never closed.
            let killed = tempfile::tempdir().unwrap();
            std::fs::copy(directory.path().join("store.redb"), killed.path().join("store.redb"))
                .unwrap();
            let store = Embedded::open(killed.path()).unwrap();
            assert_eq!(store.dump(&running.workspace).await.unwrap(), running.dump().await);
        }
    }
}

#[tokio::test]
async fn a_second_process_is_refused_with_a_way_out() {
    let directory = tempfile::tempdir().unwrap();
    let first = bench(directory.path());
    let Err(StoreError::Refused(text)) = Embedded::open(directory.path()) else {
        panic!("opened twice")
    };
    assert!(text.contains("--url") && text.contains("--offline"), "{text}");
    drop(first);
    Embedded::open(directory.path()).unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn the_file_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let directory = tempfile::tempdir().unwrap();
    let inside = directory.path().join("new");
    let _store = Embedded::open(&inside).unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&inside), mode(&inside.join("store.redb"))), (0o700, 0o600));
}

#[tokio::test]
async fn a_backup_is_a_store_of_its_own() {
    let directory = tempfile::tempdir().unwrap();
    let copies = tempfile::tempdir().unwrap();
    let store = Arc::new(Embedded::open(directory.path()).unwrap());
    let bench = Bench::new(Arc::clone(&store) as Arc<dyn Store>, Box::new(()));
    bench.enqueue(0, (0..50).map(job).collect()).await;
    let before = bench.dump().await;
    let to = copies.path().join("one");
    store.backup(&to).unwrap();
    bench.enqueue(1, (50..60).map(job).collect()).await;
    let copy = Embedded::open(&to).unwrap();
    assert_eq!(copy.dump(&bench.workspace).await.unwrap(), before);
    assert!(matches!(store.backup(&to), Err(StoreError::Refused(_))), "never over another store");
    let mut restored = Bench::new(Arc::new(copy), Box::new(()));
    restored.workspace = bench.workspace.clone();
    restored.enqueue(2, vec![job(70)]).await;
}

#[tokio::test]
async fn a_newer_format_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    drop(Embedded::open(directory.path()).unwrap());
    let file = directory.path().join("store.redb");
    let database = redb::Database::open(&file).unwrap();
    let values = redb::TableDefinition::<&[u8], &[u8]>::new("values");
    let transaction = database.begin_write().unwrap();
    let newer = [&[0; 8], b"2".as_slice()].concat();
    transaction
        .open_table(values)
        .unwrap()
        .insert(b"{s000}:format".as_slice(), newer.as_slice())
        .unwrap();
    transaction.commit().unwrap();
    drop(database);
    let Err(StoreError::Corrupt(text)) = Embedded::open(directory.path()) else {
        panic!("opened a newer format")
    };
    assert!(text.contains("format 2"), "{text}");
}

#[tokio::test]
async fn served_values_are_reclaimed_a_week_later() {
    let directory = tempfile::tempdir().unwrap();
    let bench = bench(directory.path());
    let week = 7 * 86_400_000;
    let mut commit = bench.commit(0);
    let until = |number, until| Write::Put {
        key: Key::Lead(lead(number)),
        version: 1,
        with_receipt: false,
        body: b"x".to_vec(),
        until: Some(at(until)),
    };
    commit.writes = vec![until(1, 100), until(2, 100), until(2, 5000), until(3, 100)];
    bench.committed(&commit).await;
    let mut for_good = bench.commit(1);
    for_good.writes = vec![put(Key::Lead(lead(3)), 2, b"kept")];
    bench.committed(&for_good).await;
    let kept = |ms| {
        let bench = &bench;
        async move {
            bench.committed(&bench.commit(ms)).await;
            let keys = [1, 2, 3].map(|number| Key::Lead(lead(number)));
            let values = bench.store.read(&bench.workspace, &keys).await.unwrap();
            values.iter().map(Option::is_some).collect::<Vec<_>>()
        }
    };
    assert_eq!(kept(week + 99).await, [true, true, true]);
    assert_eq!(kept(week + 100).await, [false, true, true]);
    assert_eq!(kept(week + 5000).await, [false, false, true]);
}

#[tokio::test]
async fn its_time_never_goes_back() {
    let directory = tempfile::tempdir().unwrap();
    let future = 4_000_000_000_000;
    let first = bench(directory.path());
    let mut commit = first.commit(0);
    commit.now = Timestamp::from_millis(future);
    first.committed(&commit).await;
    drop(first);
    let store = Embedded::open(directory.path()).unwrap();
    assert!(store.time().await.unwrap() >= Timestamp::from_millis(future));
}

#[tokio::test]
async fn one_bad_step_does_not_take_others_with_it() {
    let directory = tempfile::tempdir().unwrap();
    let store = Arc::new(Embedded::open(directory.path()).unwrap());
    let bench = Bench::new(Arc::clone(&store) as Arc<dyn Store>, Box::new(()));
    // A claim that cannot be read.
    let mut damage = bench.commit(0);
    damage.writes = vec![put(Key::Claim([1; 16]), 1, b"nonsense")];
    bench.committed(&damage).await;
    let commits = (0..40_u32).map(|number| {
        let store = Arc::clone(&store);
        let mut commit = bench.commit(1);
        let key = u8::from(number % 4 != 0) * 7 + 1;
        commit.claim = Some(claim_entry(key, 1, inquiry(number), 1_000));
        if key != 1 {
            commit.claim = None;
        }
        commit.journal = format!("row {number}").into_bytes();
        tokio::spawn(async move { store.commit(&commit).await })
    });
    let answers = futures_util::future::join_all(commits).await;
    let failed = answers.iter().filter(|answer| answer.as_ref().unwrap().is_err()).count();
    let rows = bench.store.journal(&bench.workspace, (0, 0), 1000).await.unwrap();
    assert_eq!((failed, rows.len()), (10, 31));
    tokio::time::timeout(Duration::from_secs(5), bench.store.time()).await.unwrap().unwrap();
}

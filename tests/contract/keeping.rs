//! What is kept, how it is listed, and when it goes.

use std::time::Duration;

use lead_router::domain::{Index, IndexChange, Key, Name};
use lead_router::store::step::expire;

use super::bench::{Bench, at, inquiry, lead, name, put};

pub async fn what_has_served_goes(bench: &Bench) {
    let worklists = [Index::Unreadable, Index::Returned, Index::Filtered, Index::Tests];
    let mut commit = bench.commit(0);
    for (number, worklist) in (0_u32..).zip(&worklists) {
        let id = inquiry(number);
        commit.writes.push(put(Key::Body(id), 1, b"body"));
        commit.writes.push(put(Key::Inquiry(id), 1, b"entry"));
        commit.indexes.push(IndexChange {
            index: worklist.clone(),
            member: id.as_bytes().to_vec(),
            score: Some(1),
        });
        let of = (*worklist == Index::Tests).then(|| lead(9));
        commit.indexes.push(IndexChange {
            index: Index::Expiry,
            member: expire::member(worklist, id, of).unwrap(),
            score: Some(at(100 + i64::from(number)).as_millis()),
        });
    }
    commit.writes.push(put(Key::Lead(lead(9)), 1, b"test lead"));
    bench.committed(&commit).await;
    let expire = |ms, limit| bench.store.expire(&bench.workspace, at(ms), limit);
    assert_eq!(expire(99, 10).await, Ok(0));
    assert_eq!(expire(200, 1).await, Ok(1));
    assert_eq!(expire(102, 10).await, Ok(2));
    assert_eq!(bench.members(Index::Expiry).await.len(), 1);
    assert_eq!(expire(200, 10).await, Ok(1));
    for worklist in worklists {
        assert_eq!(bench.members(worklist).await, []);
    }
    let left: Vec<String> = bench
        .dump()
        .await
        .into_iter()
        .map(|(what, _)| what)
        .filter(|what| what.starts_with("value"))
        .collect();
    assert_eq!(left.len(), 2, "the entries of unreadable and returned ones stay: {left:?}");
    assert!(left.iter().all(|what| what.starts_with("value i")));
}

pub async fn the_journal_never_goes_back(bench: &Bench) {
    for (number, ms) in [5, 5, 3, 9, 9, 8].into_iter().enumerate() {
        let mut commit = bench.commit(ms);
        commit.journal = format!("row {number}").into_bytes();
        bench.committed(&commit).await;
    }
    let rows = bench.store.journal(&bench.workspace, (0, 0), 100).await.unwrap();
    let base = u64::try_from(at(0).as_millis()).unwrap();
    let positions: Vec<_> =
        rows.iter().map(|row| (row.position.0 - base, row.position.1)).collect();
    assert_eq!(positions, [(5, 0), (5, 1), (5, 2), (9, 0), (9, 1), (9, 2)]);
    assert!(rows.iter().enumerate().all(|(n, row)| row.row == format!("row {n}").into_bytes()));
    let after = bench.store.journal(&bench.workspace, rows[1].position, 2).await.unwrap();
    assert_eq!(after, rows[2..4]);
    let none = bench.store.journal(&bench.workspace, rows[5].position, 2).await.unwrap();
    assert!(none.is_empty());
    let back = bench.store.journal_back(&bench.workspace, None, 2).await.unwrap();
    assert_eq!(back, [rows[5].clone(), rows[4].clone()]);
    let before = Some(rows[2].position);
    let back = bench.store.journal_back(&bench.workspace, before, 9).await.unwrap();
    assert_eq!(back, [rows[1].clone(), rows[0].clone()]);
    let none = bench.store.journal_back(&bench.workspace, Some(rows[0].position), 9).await.unwrap();
    assert!(none.is_empty());
}

pub async fn indexes_list_both_ways(bench: &Bench) {
    let mut commit = bench.commit(0);
    for (member, score) in [("b", 2), ("a", 2), ("c", 1), ("d", 3), ("ab", 2), ("d", -4)] {
        commit.indexes.push(IndexChange {
            index: Index::Triage,
            member: member.into(),
            score: Some(score),
        });
    }
    bench.committed(&commit).await;
    let list = |from, to, newest_first, limit| async move {
        let found = bench
            .store
            .list(&bench.workspace, &Index::Triage, from, to, newest_first, limit)
            .await
            .unwrap();
        let text = |(member, score)| format!("{}{score}", String::from_utf8(member).unwrap());
        found.into_iter().map(text).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(list(i64::MIN, i64::MAX, false, 10).await, "d-4 c1 a2 ab2 b2");
    assert_eq!(list(i64::MIN, i64::MAX, true, 10).await, "b2 ab2 a2 c1 d-4");
    assert_eq!(list(1, 2, false, 2).await, "c1 a2");
    assert_eq!(list(2, 2, true, 2).await, "b2 ab2");
    assert_eq!(list(3, 9, false, 2).await, "");
    assert_eq!(bench.store.count(&bench.workspace, &Index::Triage).await, Ok(5));
}

pub async fn silence_is_noticed(bench: &Bench) {
    let replica = |number: u32| name(&format!("{}-r{number}", bench.workspace));
    let beat = |number: u32, ms: i64| async move {
        let silent = Duration::from_secs(3);
        let lapsed = bench.store.heartbeat(&replica(number), at(ms), silent).await.unwrap();
        let ours = |name: &Name| name.as_str().starts_with(bench.workspace.as_str());
        lapsed.into_iter().filter(ours).collect::<Vec<_>>()
    };
    assert_eq!(beat(1, 0).await, []);
    assert_eq!(beat(2, 1000).await, []);
    assert_eq!(beat(2, 2999).await, []);
    assert_eq!(beat(2, 3000).await, [replica(1)]);
    assert_eq!(beat(3, 6000).await, [replica(1), replica(2)]);
    assert_eq!(beat(1, 6001).await, [replica(2)], "it lives after all");
    let day = 24 * 3_600_000;
    assert_eq!(beat(3, day + 6000).await, [replica(2), replica(1)]);
    assert_eq!(beat(3, day + 6001).await, [replica(1)], "long gone: forgotten");
}

pub async fn bundles_and_the_master_key_are_kept_once(bench: &Bench) {
    for bundle in [b"first".as_slice(), b"second"] {
        bench.store.keep_bundle(&bench.workspace, [7; 16], bundle).await.unwrap();
    }
    let kept = bench.store.read(&bench.workspace, &[Key::Bundle([7; 16])]).await.unwrap();
    let kept = kept[0].clone().unwrap();
    assert_eq!((kept.version, kept.body.as_slice()), (1, b"first".as_slice()));
    assert_eq!(bench.store.check_key([1; 16]).await, Ok(true));
    assert_eq!(bench.store.check_key([2; 16]).await, Ok(false));
    assert_eq!(bench.store.check_key([1; 16]).await, Ok(true));
    bench.store.time().await.unwrap();
    bench.store.durability().await.unwrap();
}

pub async fn values_not_of_the_stored_form_are_shown_raw(bench: &Bench) {
    let mut commit = bench.commit(0);
    commit.claim = Some(super::bench::claim_entry(3, 4, inquiry(5), 1000));
    bench.committed(&commit).await;
    let kept = bench.store.read(&bench.workspace, &[Key::Claim([3; 16])]).await.unwrap();
    let kept = kept[0].clone().unwrap();
    assert_eq!((kept.version, kept.receipt, kept.body.len()), (0, None, 32));
    assert_eq!(&kept.body[8..24], inquiry(5).as_bytes());
}

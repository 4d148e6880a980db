use super::*;

fn chunk() -> Chunk {
    let kind = Kind::new(Phase::Build, Level::Info);
    Chunk { first_line: 5, base_ms: 0, dt_ms: vec![0, 1], kind: vec![kind; 2], body: "a\nb".into(), marks: Vec::new() }
}

#[test]
fn kinds_pack_and_unpack() {
    for phase in Phase::ALL {
        for level in Level::ALL {
            let kind = Kind::new(*phase, *level).with(Kind::STDERR | Kind::ESCAPED);
            assert_eq!((kind.phase(), kind.level()), (*phase, *level));
            assert!(kind.has(Kind::STDERR) && kind.has(Kind::ESCAPED) && !kind.has(Kind::CONTINUES));
        }
    }
}

#[test]
fn a_chunk_is_checked_before_it_is_stored() {
    assert_eq!(chunk().check(), Ok(()));
    assert_eq!((chunk().line_count(), chunk().next_line()), (2, 7));
    assert_eq!(Chunk { first_line: 0, ..chunk() }.check(), Err(BadChunk::FirstLine(0)));
    assert_eq!(Chunk { body: "a".into(), ..chunk() }.check(), Err(BadChunk::Columns { body: 1, dt_ms: 2, kind: 2 }));
    assert_eq!(Chunk { body: "a\n\0".into(), ..chunk() }.check(), Err(BadChunk::Nul));
    assert_eq!(Chunk { kind: Vec::new(), ..chunk() }.check(), Err(BadChunk::LineCount(0)));
    assert_eq!(
        Chunk { body: "x".repeat(MAX_CHUNK_BYTES + 1), ..chunk() }.check(),
        Err(BadChunk::Bytes(MAX_CHUNK_BYTES + 1))
    );
    let mark = |line| vec![Mark { line, kind: MarkKind::Error, label: String::new() }];
    assert_eq!(Chunk { marks: mark(6), ..chunk() }.check(), Ok(()));
    assert_eq!(Chunk { marks: mark(7), ..chunk() }.check(), Err(BadChunk::Mark { line: 7, first: 5, last: 6 }));
}

#[test]
fn marks_have_a_budget_a_kind() {
    let mut budget = MarkBudget::default();
    assert_eq!((0..10_000).filter(|_| budget.take(MarkKind::Error)).count(), MAX_MARKS_OF_A_KIND as usize);
    assert!(budget.take(MarkKind::Warning) && budget.take(MarkKind::Group) && budget.take(MarkKind::Step));
}

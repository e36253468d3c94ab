//! From a sheet to a table: every mistake with its place, rows in the order in which they win, the index.

use ahash::AHashMap;
use std::sync::Arc;

use super::column::{Column, Narrow};
use super::header::{self, Heading};
use super::{Asks, Assigned, Cell, Inner, Postings, Table};
use crate::rules::sheet::{Sheet, SheetProblem};

/// More mistakes of one table than these are not named one by one.
const NAMED_MAX: usize = 20;
/// More rows that can never win than these are not named one by one.
const SHADOWED_MAX: usize = 5;

/// Which of several rows that match wins.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Policy {
    /// The first one in the file.
    #[default]
    First,
    /// By columns from left to right: a value before a prefix, a longer prefix before a shorter one, that before a
    /// range, a narrower range before a wider one, that before an empty cell; else the first one in the file.
    MostSpecific,
}

impl Policy {
    /// Its words in `routing.yaml`.
    pub const WORDS: [(&'static str, Self); 2] =
        [("first", Self::First), ("most_specific", Self::MostSpecific)];
}

impl Table {
    /// Checks and compiles a sheet.
    ///
    /// # Errors
    /// Everything that is wrong: columns that are no fields, cells that the field can never have.
    pub fn compile(sheet: &Sheet, policy: Policy) -> Result<Self, Vec<SheetProblem>> {
        let mut compiler = Compiler { sheet, problems: Vec::new(), wrong: 0 };
        let headings = compiler.headings()?;
        let mut draft = Draft::new(sheet, &headings);
        for row in 0..sheet.rows.len() {
            compiler.row(row, &headings, &mut draft);
        }
        if compiler.wrong > NAMED_MAX {
            let message = format!("{} more cells are wrong", compiler.wrong - NAMED_MAX);
            compiler.problems.push(SheetProblem::at((1, 1), message));
        }
        if !compiler.problems.is_empty() {
            return Err(compiler.problems);
        }
        Ok(draft.finish(policy))
    }
}

struct Compiler<'a> {
    sheet: &'a Sheet,
    problems: Vec<SheetProblem>,
    /// How many cells are.
    wrong: usize,
}

impl Compiler<'_> {
    fn headings(&mut self) -> Result<Vec<Heading>, Vec<SheetProblem>> {
        let mut headings = Vec::with_capacity(self.sheet.columns.len());
        for (at, text) in self.sheet.columns.iter().enumerate() {
            match header::read(text) {
                Ok(heading) => headings.push(heading),
                Err((message, suggestion)) => {
                    let place = self.sheet.place(None, at);
                    self.problems
                        .push(SheetProblem { suggestion, ..SheetProblem::at(place, message) });
                }
            }
        }
        let asks = headings.iter().any(|heading| matches!(heading, Heading::Asks { .. }));
        if self.problems.is_empty() && !asks {
            let message =
                "no column asks for a field: name one by its path, such as contact.country";
            self.problems.push(SheetProblem::at(self.sheet.place(None, 0), message));
        }
        if self.problems.is_empty() {
            Ok(headings)
        } else {
            Err(std::mem::take(&mut self.problems))
        }
    }

    fn row(&mut self, row: usize, headings: &[Heading], draft: &mut Draft) {
        let mut assigned = Assigned::default();
        let mut narrow = Vec::new();
        let mut column = 0;
        for (at, heading) in headings.iter().enumerate() {
            let text = self.sheet.rows[row].cells.get(at).unwrap_or_default();
            let said = Some(text).filter(|text| !text.is_empty());
            match heading {
                Heading::Note => {}
                Heading::Name => draft.names.push(text.into()),
                Heading::Assigns(which) => {
                    if said.is_some() {
                        assigned.places[*which] = (u32::MAX, u32::try_from(at).unwrap_or(0));
                    }
                    let slot = [&mut assigned.queue, &mut assigned.pool, &mut assigned.member];
                    if let Some(slot) = slot.into_iter().nth(*which) {
                        *slot = said.map(str::to_owned);
                    }
                }
                Heading::Asks { .. } => {
                    match draft.cell(column, said.filter(|text| *text != "*")) {
                        Ok((cell, how)) => {
                            draft.cells.push(cell);
                            narrow.push(how);
                        }
                        Err((message, suggestion)) => self.wrong(row, at, message, suggestion),
                    }
                    column += 1;
                }
            }
        }
        draft.narrow.push(narrow);
        draft.lines.push(self.sheet.rows[row].line);
        draft.outcome(assigned, |column| self.sheet.place(Some(row), column));
    }

    fn wrong(&mut self, row: usize, at: usize, message: String, suggestion: Option<String>) {
        self.wrong += 1;
        if self.wrong <= NAMED_MAX {
            let place = self.sheet.place(Some(row), at);
            self.problems.push(SheetProblem { suggestion, ..SheetProblem::at(place, message) });
        }
    }
}

/// A table while its rows are read, in the order of the file.
struct Draft {
    columns: Vec<Column>,
    cells: Vec<Cell>,
    narrow: Vec<Vec<Narrow>>,
    lines: Vec<u32>,
    outcomes: Vec<u32>,
    assigned: Vec<Assigned>,
    known: AHashMap<[Option<String>; 3], u32>,
    names: Vec<Box<str>>,
    sets: Vec<Box<[u32]>>,
}

impl Draft {
    fn new(sheet: &Sheet, headings: &[Heading]) -> Self {
        let columns =
            headings.iter().zip(&sheet.columns).filter_map(|(heading, text)| match heading {
                Heading::Asks { reader, how } => Some(Column::new(text, reader.clone(), *how)),
                _ => None,
            });
        Self {
            columns: columns.collect(),
            cells: Vec::new(),
            narrow: Vec::with_capacity(sheet.rows.len()),
            lines: Vec::with_capacity(sheet.rows.len()),
            outcomes: Vec::with_capacity(sheet.rows.len()),
            assigned: Vec::new(),
            known: AHashMap::default(),
            names: Vec::new(),
            sets: Vec::new(),
        }
    }

    /// A cell's ids, and how narrow it is: as its widest value.
    fn cell(
        &mut self,
        column: usize,
        text: Option<&str>,
    ) -> Result<(Cell, Narrow), super::column::Wrong> {
        let Some(text) = text else { return Ok((Cell::ANY, (0, 0))) };
        let column = &mut self.columns[column];
        if !text.contains('|') {
            return column.id(text).map(|(id, narrow)| (Cell::one(id), narrow));
        }
        let mut ids = Vec::new();
        let mut widest = (u8::MAX, u64::MAX);
        for value in text.split('|').map(str::trim).filter(|value| !value.is_empty()) {
            let (id, narrow) = column.id(value)?;
            ids.push(id);
            widest = widest.min(narrow);
        }
        ids.sort_unstable();
        ids.dedup();
        match ids.as_slice() {
            [] => Err(("there is nothing beside the `|`".to_owned(), None)),
            [id] => Ok((Cell::one(*id), widest)),
            _ => {
                let index = u32::try_from(self.sets.len()).unwrap_or(0);
                self.sets.push(ids.into());
                Ok((Cell::set(index), widest))
            }
        }
    }

    /// Notes what a row assigns; places are only looked up where they are not known yet.
    fn outcome(&mut self, mut assigned: Assigned, place: impl Fn(usize) -> (u32, u32)) {
        let key = [assigned.queue.clone(), assigned.pool.clone(), assigned.member.clone()];
        let next = u32::try_from(self.assigned.len()).unwrap_or(u32::MAX);
        let id = *self.known.entry(key).or_insert_with(|| {
            for at in &mut assigned.places {
                *at = if at.0 == u32::MAX { place(at.1 as usize) } else { place(0) };
            }
            self.assigned.push(assigned);
            next
        });
        self.outcomes.push(id);
    }

    /// Brings the rows into the order in which they win.
    fn finish(mut self, policy: Policy) -> Table {
        let rows = self.lines.len();
        let width = self.columns.len();
        let mut order: Vec<usize> = (0..rows).collect();
        if policy == Policy::MostSpecific {
            order.sort_by(|a, b| self.narrow[*b].cmp(&self.narrow[*a]));
        }
        let counts: Vec<usize> = self.columns.iter_mut().map(Column::finish).collect();
        let cells: Vec<Cell> = order
            .iter()
            .flat_map(|row| &self.cells[row * width..(row + 1) * width])
            .copied()
            .collect();
        // Without a column for them there are none.
        let called = order.iter().filter_map(|row| self.names.get(*row).cloned()).collect();
        let (housed, always) = house(&cells, width, &self.sets, &counts);
        let mut inner = Inner {
            columns: self.columns,
            cells,
            lines: order.iter().map(|row| self.lines[*row]).collect(),
            outcomes: order.iter().map(|row| self.outcomes[*row]).collect(),
            assigned: self.assigned,
            names: called,
            sets: self.sets,
            housed,
            always,
            warnings: Vec::new(),
        };
        inner.warnings = shadowed(&inner);
        Table(Arc::new(inner))
    }
}

/// Puts every row under its rarest cell; gives the first row that has no condition at all.
fn house(
    cells: &[Cell],
    width: usize,
    sets: &[Box<[u32]>],
    counts: &[usize],
) -> (Vec<Postings>, Option<u32>) {
    let each = |cell: Cell, act: &mut dyn FnMut(u32)| match cell.asks(sets) {
        Asks::Nothing => {}
        Asks::One(id) => act(id),
        Asks::OneOf(ids) => ids.iter().copied().for_each(act),
    };
    let mut frequent: Vec<Vec<u32>> = counts.iter().map(|count| vec![0; *count]).collect();
    for row in cells.chunks(width) {
        for (column, cell) in row.iter().enumerate() {
            each(*cell, &mut |id| frequent[column][id as usize] += 1);
        }
    }
    let mut homes = Vec::with_capacity(cells.len() / width.max(1));
    let mut always = None;
    let mut sizes: Vec<Vec<u32>> = counts.iter().map(|count| vec![0; *count]).collect();
    for (rank, row) in (0_u32..).zip(cells.chunks(width)) {
        let asked = row.iter().enumerate().filter(|(_, cell)| **cell != Cell::ANY);
        let home = asked.min_by_key(|(column, cell)| {
            let mut sum = 0_u64;
            each(**cell, &mut |id| sum += u64::from(frequent[*column][id as usize]));
            (sum, *column)
        });
        homes.push(home.map(|(column, _)| column));
        match home {
            Some((column, cell)) => each(*cell, &mut |id| sizes[column][id as usize] += 1),
            None => always = always.or(Some(rank)),
        }
    }
    let mut housed: Vec<Postings> = Vec::with_capacity(width);
    for (column, sizes) in sizes.iter().enumerate() {
        let mut ends = Vec::with_capacity(sizes.len());
        let mut total = 0;
        for size in sizes {
            total += size;
            ends.push(total);
        }
        let mut next: Vec<u32> = ends.iter().zip(sizes).map(|(end, size)| end - size).collect();
        let mut rows = vec![0; total as usize];
        for (rank, (row, home)) in (0_u32..).zip(cells.chunks(width).zip(&homes)) {
            if *home == Some(column) {
                each(row[column], &mut |id| {
                    rows[next[id as usize] as usize] = rank;
                    next[id as usize] += 1;
                });
            }
        }
        housed.push(Postings { ends, rows });
    }
    (housed, always)
}

/// Rows that can never win, because one before them is true of whatever they are true of.
fn shadowed(table: &Inner) -> Vec<SheetProblem> {
    let texts: Vec<Vec<&str>> = table.columns.iter().map(Column::texts).collect();
    let mut found = Vec::new();
    let mut more = 0;
    let mut wider: Vec<Vec<u32>> = vec![Vec::new(); table.columns.len()];
    for rank in 0..table.lines.len() {
        for (column, cell) in table.row(rank).iter().enumerate() {
            wider[column].clear();
            // A row before must be true of each value of a cell; one of them is enough to find it.
            let first = match cell.asks(&table.sets) {
                Asks::Nothing => None,
                Asks::One(id) => Some(id),
                Asks::OneOf(ids) => ids.first().copied(),
            };
            if let Some(id) = first {
                table.columns[column].wider(id, &texts[column], &mut wider[column]);
                table.columns[column].wider_ranges(id, &mut wider[column]);
            }
        }
        let Some(before) = table.first_where(&wider, |before| table.covers(before, rank, &wider))
        else {
            continue;
        };
        if before as usize >= rank {
            continue;
        }
        if found.len() == SHADOWED_MAX {
            more += 1;
            continue;
        }
        let message = format!(
            "this row can never win: line {} before it takes all it would take",
            table.lines[before as usize]
        );
        found.push(SheetProblem::at((table.lines[rank], 1), message));
    }
    if more > 0 {
        let message = format!("{more} more rows can never win");
        found.push(SheetProblem::at((1, 1), message));
    }
    found
}

impl Inner {
    /// Whether one row is true of whatever another is true of, as far as that is plain: of a cell with several
    /// values, the other has the same.
    fn covers(&self, before: u32, rank: usize, wider: &[Vec<u32>]) -> bool {
        let Ok(before) = usize::try_from(before) else { return false };
        self.row(before).iter().zip(self.row(rank)).zip(wider).all(
            |((before, cell), wider)| match (before.asks(&self.sets), cell.asks(&self.sets)) {
                (Asks::Nothing, _) => true,
                (_, Asks::Nothing) | (Asks::One(_), Asks::OneOf(_)) => false,
                (Asks::One(id), Asks::One(_)) => wider.contains(&id),
                (Asks::OneOf(ids), Asks::One(_)) => ids.iter().any(|id| wider.contains(id)),
                (Asks::OneOf(ids), Asks::OneOf(asked)) => asked.iter().all(|id| ids.contains(id)),
            },
        )
    }
}

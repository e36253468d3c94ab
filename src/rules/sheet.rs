//! A table as it stands in a file: a header line and rows of cells, each with its place. Lists and decision tables
//! are read from one.

use csv::StringRecord;

/// How many rows a list or a decision table has.
pub const ROWS_MAX: usize = 100_000;
/// How many columns.
pub const COLUMNS_MAX: usize = 64;

/// What is wrong with the file of a list or a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetProblem {
    /// From 1.
    pub line: u32,
    /// In characters, from 1.
    pub column: u32,
    pub message: String,
    pub suggestion: Option<String>,
}

impl SheetProblem {
    /// A problem without a suggestion.
    pub(super) fn at((line, column): (u32, u32), message: impl Into<String>) -> Self {
        Self { line, column, message: message.into(), suggestion: None }
    }
}

/// A table with a header line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sheet {
    pub(super) columns: Vec<String>,
    header: u32,
    pub(super) rows: Vec<Row>,
    places: Places,
}

/// One row that is not blank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) line: u32,
    /// Of its first byte in the file.
    start: usize,
    pub(super) cells: StringRecord,
}

/// How a cell's place is found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
enum Places {
    /// Nowhere: it was not read from a file.
    #[default]
    Unknown,
    /// By reading the line again.
    Csv { text: String, delimiter: u8 },
    /// Line and column of each cell, the header first.
    Known(Vec<Vec<(u32, u32)>>),
}

impl Sheet {
    /// Reads CSV: UTF-8, commas (or semicolons, if the first line has them and no comma), cells quoted where
    /// needed, the first line names the columns, blank lines are passed over.
    ///
    /// # Errors
    /// Everything that is wrong: columns without a name or of the same name, rows of another length, no rows, too
    /// many.
    pub fn csv(bytes: &[u8]) -> Result<Self, Vec<SheetProblem>> {
        let text = std::str::from_utf8(bytes)
            .map_err(|_| vec![SheetProblem::at((1, 1), "the file is not UTF-8 text")])?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let first = text.lines().next().unwrap_or_default();
        let delimiter = if first.contains(';') && !first.contains(',') { b';' } else { b',' };
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .flexible(true)
            .trim(csv::Trim::All)
            .from_reader(text.as_bytes());
        let mut sheet = Self::default();
        let mut problems = Vec::new();
        for record in reader.records() {
            let Ok(record) = record else {
                problems.push(SheetProblem::at((1, 1), "this is no table"));
                break;
            };
            let line = record.position().map_or(1, csv::Position::line);
            let line = u32::try_from(line).unwrap_or(u32::MAX);
            let start = record.position().map_or(0, csv::Position::byte);
            let start = usize::try_from(start).unwrap_or(usize::MAX);
            if record.iter().all(str::is_empty) {
                continue;
            }
            if sheet.columns.is_empty() {
                sheet.header = line;
                sheet.columns = record.iter().map(str::to_owned).collect();
                let place = |at| (line, place_of(text, start, at, delimiter));
                problems.extend(header_problems(&sheet.columns, place));
            } else if record.len() == sheet.columns.len() {
                sheet.rows.push(Row { line, start, cells: record });
            } else {
                problems.push(ragged((line, 1), record.len(), sheet.columns.len()));
            }
            if sheet.rows.len() > ROWS_MAX {
                problems.push(too_many((line, 1)));
                break;
            }
        }
        sheet.empty(&mut problems);
        sheet.places = Places::Csv { text: text.to_owned(), delimiter };
        if problems.is_empty() { Ok(sheet) } else { Err(problems) }
    }

    /// A table that was read otherwise: each cell with its line and column, the header line first.
    ///
    /// # Errors
    /// As for [`Sheet::csv`].
    pub fn of_cells(lines: Vec<Vec<(String, (u32, u32))>>) -> Result<Self, Vec<SheetProblem>> {
        let mut problems = Vec::new();
        let places: Vec<Vec<(u32, u32)>> =
            lines.iter().map(|cells| cells.iter().map(|(_, at)| *at).collect()).collect();
        let mut texts = lines
            .into_iter()
            .map(|cells| cells.into_iter().map(|(text, _)| text.trim().to_owned()));
        let columns: Vec<String> = texts.next().into_iter().flatten().collect();
        let place =
            |at: usize| places.first().and_then(|row| row.get(at)).copied().unwrap_or((1, 1));
        problems.extend(header_problems(&columns, place));
        let mut sheet = Self { columns, header: place(0).0, ..Self::default() };
        for (index, cells) in texts.enumerate() {
            let cells: Vec<String> = cells.collect();
            let at = places[index + 1].first().copied().unwrap_or((1, 1));
            if cells.len() == sheet.columns.len() {
                let cells = StringRecord::from(cells);
                sheet.rows.push(Row { line: at.0, start: index + 1, cells });
            } else {
                problems.push(ragged(at, cells.len(), sheet.columns.len()));
            }
            if sheet.rows.len() > ROWS_MAX {
                problems.push(too_many(at));
                break;
            }
        }
        sheet.empty(&mut problems);
        sheet.places = Places::Known(places);
        if problems.is_empty() { Ok(sheet) } else { Err(problems) }
    }

    fn empty(&self, problems: &mut Vec<SheetProblem>) {
        if problems.is_empty() && self.rows.is_empty() {
            let message = if self.columns.is_empty() {
                "the file is empty: its first line names the columns"
            } else {
                "there are no rows below the header line"
            };
            problems.push(SheetProblem::at((1, 1), message));
        }
    }

    /// How many rows there are.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows.len()
    }

    /// The place of a column in each row.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|known| known.eq_ignore_ascii_case(name))
    }

    /// Line and cells of each row.
    pub fn cells(&self) -> impl Iterator<Item = (u32, Vec<&str>)> {
        self.rows.iter().map(|row| (row.line, row.cells.iter().collect()))
    }

    /// Where a cell of a row (`None` = the header) stands.
    pub(super) fn place(&self, row: Option<usize>, column: usize) -> (u32, u32) {
        let row = row.and_then(|row| self.rows.get(row));
        match &self.places {
            Places::Unknown => (row.map_or(self.header, |row| row.line), 1),
            Places::Csv { text, delimiter } => match row {
                Some(row) => (row.line, place_of(text, row.start, column, *delimiter)),
                None => (self.header, place_of(text, 0, column, *delimiter)),
            },
            Places::Known(places) => places
                .get(row.map_or(0, |row| row.start))
                .and_then(|cells| cells.get(column))
                .copied()
                .unwrap_or((1, 1)),
        }
    }
}

fn ragged(at: (u32, u32), found: usize, wanted: usize) -> SheetProblem {
    SheetProblem::at(at, format!("this row has {found} cells; there are {wanted} columns"))
}

fn too_many(at: (u32, u32)) -> SheetProblem {
    SheetProblem::at(at, format!("there are at most {ROWS_MAX} rows"))
}

/// Where the `at`-th cell of the line that begins at a byte begins, in characters from 1.
fn place_of(text: &str, start: usize, at: usize, delimiter: u8) -> u32 {
    let line = text.get(start..).unwrap_or_default();
    // A reader's position may lie before the line breaks that end the line above.
    let line = line.trim_start_matches(['\r', '\n']).lines().next().unwrap_or_default();
    let (mut cell, mut quoted) = (0, false);
    for (place, c) in (1_u32..).zip(line.chars()) {
        if cell == at {
            return place;
        }
        quoted ^= c == '"';
        cell += usize::from(c == char::from(delimiter) && !quoted);
    }
    1
}

fn header_problems(columns: &[String], place: impl Fn(usize) -> (u32, u32)) -> Vec<SheetProblem> {
    let mut problems = Vec::new();
    if columns.len() > COLUMNS_MAX {
        let message = format!("there are at most {COLUMNS_MAX} columns");
        problems.push(SheetProblem::at(place(0), message));
    }
    for (at, column) in columns.iter().enumerate() {
        if column.is_empty() {
            problems.push(SheetProblem::at(place(at), "this column has no name"));
        } else if columns[..at].iter().any(|other| other.eq_ignore_ascii_case(column)) {
            let message = format!("there are two columns `{column}`");
            problems.push(SheetProblem::at(place(at), message));
        }
    }
    problems
}

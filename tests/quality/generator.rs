//! Invented people who inquire again and again, each time a little differently: another spelling, a
//! slip, a short form, the switchboard's number, a function's mailbox, a private address.

use lead_router::domain::Field;

use super::Row;

/// A small reproducible source of numbers (SplitMix64).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).unwrap()
    }

    /// True in so many of a hundred cases.
    fn in_hundred(&mut self, cases: usize) -> bool {
        self.below(100) < cases
    }

    fn of<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.below(list.len())]
    }
}

const FIRST: &[&str] = &[
    "Alexander",
    "Barbara",
    "Christopher",
    "Dorothea",
    "Eduardo",
    "Franziska",
    "Giovanni",
    "Helena",
    "Ignacio",
    "Johanna",
    "Katharina",
    "Leonard",
    "Magdalena",
    "Nicholas",
    "Ottilie",
    "Patricia",
    "Quentin",
    "Roberta",
    "Sebastian",
    "Theodora",
    "Ulrich",
    "Veronika",
    "William",
    "Xaver",
    "Yvonne",
    "Zacharias",
    "Jürgen",
    "Søren",
    "Małgorzata",
    "Anaïs",
    "Hans-Peter",
    "Maria",
];
const SHORT: &[(&str, &str)] = &[
    ("Alexander", "Alex"),
    ("Barbara", "Babs"),
    ("Christopher", "Chris"),
    ("Katharina", "Kathi"),
    ("Nicholas", "Nick"),
    ("Patricia", "Pat"),
    ("Sebastian", "Basti"),
    ("William", "Bill"),
    ("Ignacio", "Nacho"),
    ("Magdalena", "Lena"),
];
const LAST_A: &[&str] = &[
    "Quill", "Zan", "Brumm", "Okon", "Fjord", "Wacker", "Tremb", "Saltz", "Mörsch", "Vander",
    "Kestr", "Hollow", "Grün", "Pell", "Ruther", "Ostrow",
];
const LAST_B: &[&str] = &[
    "feather", "zotter", "elkamp", "kwo", "lund", "baum", "lay", "berger", "wright", "ski", "mann",
    "ney",
];
const COMPANY: &[&str] = &[
    "Nordlicht",
    "Steinbrück",
    "Alder",
    "Vesper",
    "Kolibri",
    "Marlin",
    "Tangent",
    "Ferrum",
    "Quarz",
    "Lindwurm",
    "Pharos",
    "Zephyr",
    "Basalt",
    "Corvus",
];
const BRANCH: &[&str] =
    &["Packaging", "Logistik", "Optics", "Foods", "Werkzeuge", "Media", "Systems", "Pumpen"];
const FORM: &[&str] =
    &["", " GmbH", " AG", " Ltd.", " GmbH & Co. KG", " S.A.R.L.", " Inc", " B.V."];
const FUNCTION: &[&str] = &["info", "kontakt", "office", "sales"];

struct Person {
    id: String,
    first: &'static str,
    last: String,
    company: String,
    domain: String,
    mobile: String,
    switchboard: String,
    own_mailbox: String,
    private: Option<String>,
}

/// So many persons in four large firms, where one in fifty has the name of a colleague, and one in twenty
/// writes from a superior's mailbox at times, in the own name.
pub fn hard(seed: u64, persons: usize) -> Vec<Row> {
    let mut dice = Dice(seed);
    let mut people: Vec<Person> = Vec::with_capacity(persons);
    while people.len() < persons {
        let number = people.len();
        let mut person = person(&mut dice, number);
        let firm = number % 4;
        person.company = format!("{} {}", COMPANY[firm], BRANCH[firm]);
        person.domain = format!("{}.example", ascii(&person.company).replace(' ', "-"));
        person.switchboard = format!("+49 30 23125 {firm:03}");
        if number >= 4 && dice.in_hundred(2) {
            (person.first, person.last) =
                (people[number - 4].first, people[number - 4].last.clone());
        }
        let local = format!("{}.{}", ascii(person.first), ascii(&person.last));
        let taken = people.iter().filter(|it| it.own_mailbox.starts_with(&local)).count();
        let local = if taken == 0 { local } else { format!("{local}{}", taken + 1) };
        person.own_mailbox = format!("{local}@{}", person.domain);
        people.push(person);
    }
    let mut rows = Vec::new();
    for (number, person) in people.iter().enumerate() {
        let superior = people.get(number + 4).filter(|_| dice.in_hundred(5));
        for _ in 0..=dice.below(4) {
            let mut fields = seen(&mut dice, person);
            if let Some(superior) = superior.filter(|_| dice.in_hundred(50)) {
                fields.retain(|(field, _)| *field != Field::Email);
                fields.push((Field::Email, superior.own_mailbox.clone()));
            }
            rows.push(Row { id: format!("row-{}", rows.len()), person: person.id.clone(), fields });
        }
    }
    shuffle(&mut rows, seed);
    rows
}

/// Inquiries of so many persons, in the order of arrival.
pub fn inquiries(seed: u64, persons: usize) -> Vec<Row> {
    let mut dice = Dice(seed);
    let mut people: Vec<Person> = Vec::with_capacity(persons);
    let mut taken = std::collections::BTreeSet::new();
    while people.len() < persons {
        let person = person(&mut dice, people.len());
        // Two of one name at one company are told apart by nobody.
        if taken.insert((person.first, person.last.clone(), person.domain.clone())) {
            people.push(person);
        }
    }
    let mut rows = Vec::new();
    for person in &people {
        for _ in 0..=dice.below(4) {
            let id = format!("row-{}", rows.len());
            let fields = seen(&mut dice, person);
            rows.push(Row { id, person: person.id.clone(), fields });
        }
    }
    shuffle(&mut rows, seed);
    rows
}

/// Another order of the same rows.
pub fn shuffle(rows: &mut [Row], seed: u64) {
    let mut dice = Dice(seed ^ 0x5eed);
    for at in (1..rows.len()).rev() {
        rows.swap(at, dice.below(at + 1));
    }
}

fn person(dice: &mut Dice, number: usize) -> Person {
    let first = FIRST[dice.below(FIRST.len())];
    let last = format!("{}{}", dice.of(LAST_A), dice.of(LAST_B));
    let company_number = dice.below(60);
    let company = format!(
        "{} {}",
        COMPANY[company_number % COMPANY.len()],
        BRANCH[company_number % BRANCH.len()]
    );
    let domain = format!("{}.example", ascii(&company).replace(' ', "-"));
    let local = format!("{}.{}", ascii(first), ascii(&last));
    let private = dice.in_hundred(30).then(|| format!("{}{number}@gmail.com", ascii(&last)));
    Person {
        id: format!("person-{number}"),
        first,
        company,
        mobile: format!("+49 151 5{number:07}"),
        switchboard: format!("+49 30 23125 {company_number:03}"),
        own_mailbox: format!("{local}@{domain}"),
        domain,
        last,
        private,
    }
}

/// What one inquiry of the person says.
fn seen(dice: &mut Dice, person: &Person) -> Vec<(Field, String)> {
    let mut fields = Vec::new();
    let mut first = person.first.to_owned();
    let mut last = person.last.clone();
    match dice.below(100) {
        0..6 => {
            let short = SHORT.iter().find(|(full, _)| *full == person.first);
            first = short.map_or(first, |(_, short)| (*short).to_owned());
        }
        6..11 => first = slip(dice, &first),
        11..16 => last = slip(dice, &last),
        _ => {}
    }
    if dice.in_hundred(10) {
        (first, last) = (ascii(&first), ascii(&last));
    }
    if dice.in_hundred(25) {
        fields.push((Field::FullName, format!("{first} {last}")));
    } else {
        fields.push((Field::FirstName, first));
        fields.push((Field::LastName, last));
    }
    let email = match dice.below(100) {
        0..10 => None,
        10..16 => Some(format!("{}@{}", dice.of(FUNCTION), person.domain)),
        16..30 => Some(person.private.clone().unwrap_or_else(|| person.own_mailbox.clone())),
        _ => Some(person.own_mailbox.clone()),
    };
    if let Some(email) = email {
        let shouted = dice.in_hundred(10);
        fields.push((Field::Email, if shouted { email.to_uppercase() } else { email }));
    }
    match dice.below(100) {
        0..40 => {}
        40..55 => fields.push((Field::Phone, person.switchboard.clone())),
        _ => fields.push((Field::Phone, person.mobile.replace(' ', dice.of(&["", " ", "-"])))),
    }
    if dice.in_hundred(85) {
        fields.push((Field::CompanyName, format!("{}{}", person.company, dice.of(FORM))));
    }
    fields.push((Field::Country, "DE".to_owned()));
    fields
}

/// Two letters inside the word exchanged, or one doubled.
fn slip(dice: &mut Dice, word: &str) -> String {
    let mut letters: Vec<char> = word.chars().collect();
    if letters.len() < 6 {
        return word.to_owned();
    }
    let at = 1 + dice.below(letters.len() - 3);
    if dice.in_hundred(50) {
        letters.swap(at, at + 1);
    } else {
        letters.insert(at, letters[at]);
    }
    letters.into_iter().collect()
}

fn ascii(text: &str) -> String {
    let plain = [("ü", "ue"), ("ö", "oe"), ("ä", "ae"), ("ø", "o"), ("ł", "l"), ("ï", "i")];
    plain.iter().fold(text.to_lowercase(), |text, (from, to)| text.replace(from, to))
}

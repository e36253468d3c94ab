//! Accounts: the companies that people belong to. A company is known by its domain, else by its name without
//! the legal form; where anybody can have an address says nothing about a company.

use ahash::AHashMap;

use super::company::domain_of_website;
use super::email;
use super::keys::{Pepper, index_key};
use super::persona::label_of_name;
use crate::domain::{Company, IndexKey, Inquiry, Name, Pii, SettingProblem};
use crate::rules::Sheet;

/// The key under which an inquiry's company is known; none for tests and filtered ones.
#[must_use]
pub fn account(inquiry: &Inquiry, pepper: &Pepper) -> Option<IndexKey> {
    if inquiry.is_test || inquiry.filtered {
        return None;
    }
    let (kind, text) = known_by(&inquiry.company)?;
    Some(index_key(pepper, "account", &[kind, &text]))
}

/// The domain, else the name.
fn known_by(company: &Company) -> Option<(&'static str, String)> {
    let domain = company.domain.clone().map(|domain| ("domain", domain));
    domain.or_else(|| of_name(company.name.as_ref()?.expose()))
}

fn of_name(name: &str) -> Option<(&'static str, String)> {
    let name = name.trim();
    if name.contains('.') && !name.contains(' ') && email::ascii_domain(name).is_some() {
        return Some(("domain", domain_of_website(name)?));
    }
    let label = label_of_name(name)?;
    let is_provider =
        [".com", ".de", ".net"].iter().any(|end| email::is_free(&(label.clone() + end)));
    (!is_provider).then_some(("name", label))
}

/// Companies whose owner stands in a list, whoever else owns leads there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NamedAccounts {
    by_domain: AHashMap<String, Name>,
    by_name: AHashMap<String, Name>,
}

impl NamedAccounts {
    /// Reads a list with the columns `domain` or `company` (or both) and `owner`. Rows without an owner are
    /// nobody's; of two rows about one company the first counts.
    ///
    /// # Errors
    /// Columns that are not there, cells that are no domain of a company or no name of a member.
    pub fn compile(name: &str, list: &Sheet) -> Result<Self, Vec<SettingProblem>> {
        let column = |column| list.column(column);
        let (domain, company) = (column("domain"), column("company"));
        let Some(owner) = column("owner") else {
            return Err(vec![missing(name, "owner")]);
        };
        if domain.or(company).is_none() {
            return Err(vec![missing(name, "domain")]);
        }
        let mut named = Self::default();
        let mut problems = Vec::new();
        for (line, cells) in list.cells() {
            let cell =
                |at: Option<usize>| at.and_then(|at| cells.get(at)).filter(|it| !it.is_empty());
            let Some(member) = cell(Some(owner)) else { continue };
            let mut wrong = |what: String| {
                let message = format!("lists/{name}.csv, line {line}: {what}");
                problems.push(SettingProblem::new("accounts.list", message));
            };
            let Ok(member) = Name::parse(member) else {
                wrong(format!("`{member}` is no name of a member"));
                continue;
            };
            if let Some(text) = cell(domain) {
                match domain_of_website(text) {
                    Some(domain) => {
                        named.by_domain.entry(domain).or_insert_with(|| member.clone());
                    }
                    None => wrong(format!("`{text}` is no company's domain")),
                }
            }
            if let Some(("name", label)) = cell(company).and_then(|text| of_name(text)) {
                named.by_name.entry(label).or_insert(member);
            }
        }
        if problems.is_empty() { Ok(named) } else { Err(problems) }
    }

    /// Who owns a company, if it is in the list: by its domain, else by its name.
    #[must_use]
    pub fn owner(&self, company: &Company) -> Option<&Name> {
        let by_domain = company.domain.as_ref().and_then(|domain| self.by_domain.get(domain));
        // Most lists name domains alone, and most workspaces have none.
        by_domain.or_else(|| {
            if self.by_name.is_empty() {
                return None;
            }
            let (_, label) = of_name(company.name.as_ref().map(Pii::expose)?)?;
            self.by_name.get(&label)
        })
    }

    /// Everybody who owns one.
    pub fn owners(&self) -> impl Iterator<Item = &Name> {
        self.by_domain.values().chain(self.by_name.values())
    }
}

fn missing(name: &str, column: &str) -> SettingProblem {
    let message = format!("the list `{name}` has no column `{column}`");
    let mut problem = SettingProblem::new("accounts.list", message);
    problem.suggestion = Some(
        "its first line is `domain,company,owner`; one of the first two may be missing".to_owned(),
    );
    problem
}

//! Which company an inquiry speaks of.

use super::{inquiry, name, pepper};
use crate::domain::{Field, IndexKey};
use crate::identify::{NamedAccounts, account};
use crate::rules::Sheet;

fn key(fields: &[(Field, &str)]) -> Option<IndexKey> {
    account(&inquiry(1, fields), &pepper())
}

#[test]
fn a_company_is_its_domain_else_its_name_without_the_legal_form() {
    let of_address = key(&[(Field::Email, "ida@quillfeather.example")]).unwrap();
    let same = [
        vec![(Field::Email, "tilo@mail.quillfeather.example")],
        vec![(Field::Website, "https://www.quillfeather.example/team")],
        vec![(Field::Email, "ida@gmail.com"), (Field::Website, "quillfeather.example")],
        vec![(Field::Email, "ida@gmail.com"), (Field::CompanyName, "Quillfeather.example")],
    ];
    for fields in same {
        assert_eq!(key(&fields), Some(of_address), "{}", fields.len());
    }
    let named = key(&[(Field::CompanyName, "Quillfeather Werke GmbH & Co. KG")]).unwrap();
    assert_eq!(key(&[(Field::CompanyName, "QUILLFEATHER WERKE")]), Some(named));
    assert_ne!(named, of_address);
}

#[test]
fn where_anybody_has_an_address_is_no_company() {
    for fields in [
        vec![(Field::Email, "ida@gmail.com")],
        vec![(Field::Email, "ida@gmail.com"), (Field::CompanyName, "Gmail")],
        vec![(Field::CompanyName, "gmail.com")],
        vec![(Field::Website, "https://www.facebook.com/quillfeather")],
        vec![(Field::Phone, "030 23125 123")],
    ] {
        assert_eq!(key(&fields), None);
    }
    let mut test = inquiry(1, &[(Field::Email, "ida@quillfeather.example")]);
    test.is_test = true;
    assert_eq!(account(&test, &pepper()), None);
}

#[test]
fn a_list_names_owners_by_domain_and_by_name() {
    let list = "Domain;Company;Owner;Remark\nquillfeather.example;;ada;big\n;Zanzotter S.r.l.;bo;\n\
                fjordlund.example;;;nobody yet\nwww.quillfeather.example;;bo;again\n";
    let named = NamedAccounts::compile("vip", &Sheet::csv(list.as_bytes()).unwrap()).unwrap();
    let owner = |fields: &[(Field, &str)]| named.owner(&inquiry(1, fields).company).cloned();
    assert_eq!(owner(&[(Field::Email, "a@shop.quillfeather.example")]), Some(name("ada")));
    assert_eq!(owner(&[(Field::CompanyName, "Zanzotter")]), Some(name("bo")));
    assert_eq!(owner(&[(Field::Email, "a@fjordlund.example")]), None);
    assert_eq!(named.owners().count(), 2);

    let wrong = |text: &str| {
        let problems = NamedAccounts::compile("vip", &Sheet::csv(text.as_bytes()).unwrap());
        problems.unwrap_err().remove(0).message
    };
    assert_eq!(wrong("domain\na.example\n"), "the list `vip` has no column `owner`");
    assert_eq!(wrong("owner\nada\n"), "the list `vip` has no column `domain`");
    assert_eq!(
        wrong("domain,owner\na.example,ada\ngmail.com,bo\n"),
        "lists/vip.csv, line 3: `gmail.com` is no company's domain"
    );
    assert_eq!(
        wrong("domain,owner\na.example,Ada Brummelkamp\n"),
        "lists/vip.csv, line 2: `Ada Brummelkamp` is no name of a member"
    );
}

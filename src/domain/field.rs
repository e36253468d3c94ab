//! The canonical fields an inquiry may carry: what presets map to and what conditions may name.

use super::status::closed_list;

closed_list! {
    /// A canonical field of an inquiry, by its path.
    Field {
        Email = "contact.email",
        Phone = "contact.phone",
        FullName = "contact.full_name",
        FirstName = "contact.first_name",
        LastName = "contact.last_name",
        Title = "contact.title",
        Language = "contact.language",
        Country = "contact.country",
        Region = "contact.region",
        City = "contact.city",
        PostalCode = "contact.postal_code",
        Street = "contact.street",
        ExternalId = "contact.external_id",
        CompanyName = "company.name",
        Website = "company.website",
        Employees = "company.employees",
        Industry = "company.industry",
        Revenue = "company.revenue",
        Budget = "need.budget",
        Authority = "need.authority",
        Need = "need.need",
        Timeline = "need.timeline",
        Product = "need.product",
        Message = "need.message",
        Rating = "need.rating",
        Referrer = "referral.referrer",
    }
}

impl Field {
    /// Whether people may fill in the field of that path for somebody they asked: what is needed, `answers.*`, and what
    /// nobody is recognised by. A correction of who somebody is, is no answer.
    #[must_use]
    pub fn is_asked(path: &str) -> bool {
        match Self::parse(path) {
            Some(field) => !matches!(
                field,
                Self::Email
                    | Self::Phone
                    | Self::FullName
                    | Self::FirstName
                    | Self::LastName
                    | Self::ExternalId
                    | Self::CompanyName
                    | Self::Website
                    | Self::Referrer
            ),
            None => path.strip_prefix("answers.").is_some_and(|key| !key.is_empty()),
        }
    }

    /// Whether its text may identify a person: such values never leave the masked types.
    #[must_use]
    pub fn is_personal(self) -> bool {
        matches!(
            self,
            Self::Email
                | Self::Phone
                | Self::FullName
                | Self::FirstName
                | Self::LastName
                | Self::Street
                | Self::ExternalId
                | Self::Message
                | Self::Referrer
        )
    }
}

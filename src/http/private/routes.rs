//! The list of operations: what is served is what is documented.

use std::collections::BTreeMap;

use actix_web::http::Method;
use actix_web::middleware::DefaultHeaders;
use actix_web::{Route, web};
use utoipa::openapi::HttpMethod;
use utoipa::{OpenApi, Path};

use super::{
    backfill, configuration, consents, dead, dead_export, deliveries, destinations, explain,
    export, feed, filtered, find, inquiries, leads, members, merging, pools, privacy, process,
    referrals, reports, rotate, rules, sources, spend, trial, unreadable, worklists,
};
use crate::http::problem::{method_not_allowed, not_found};
use crate::http::public::{dispositions, health};

/// One operation's way in.
struct Served {
    path: String,
    route: Route,
}

fn served<P: Path>(route: Route) -> Served {
    let route =
        P::methods().into_iter().fold(route, |route, method| route.method(as_actix(&method)));
    Served { path: P::path(), route }
}

fn as_actix(method: &HttpMethod) -> Method {
    match method {
        HttpMethod::Get => Method::GET,
        HttpMethod::Post => Method::POST,
        HttpMethod::Put => Method::PUT,
        HttpMethod::Delete => Method::DELETE,
        HttpMethod::Patch => Method::PATCH,
        HttpMethod::Head => Method::HEAD,
        HttpMethod::Options => Method::OPTIONS,
        HttpMethod::Trace => Method::TRACE,
    }
}

macro_rules! operations {
    ($($module:ident :: $operation:ident ($documented:ident),)*) => {
        /// The operations of the private listener, as OpenAPI.
        #[derive(Debug, OpenApi)]
        #[openapi(paths($($module::$operation),*))]
        pub struct Documented;

        fn all() -> Vec<Served> {
            vec![$(served::<$module::$documented>(Route::new().to($module::$operation)),)*]
        }
    };
}

// Of two paths that fit, the first one listed wins.
operations! {
    inquiries::read_inquiry(__path_read_inquiry),
    inquiries::read_record(__path_read_record),
    explain::explain_inquiry(__path_explain_inquiry),
    find::find(__path_find),
    find::ask(__path_ask),
    feed::read_feed(__path_read_feed),
    leads::read_lead(__path_read_lead),
    referrals::read_referrals(__path_read_referrals),
    leads::assign_lead(__path_assign_lead),
    leads::release_lead(__path_release_lead),
    leads::redecide_lead(__path_redecide_lead),
    leads::discard_lead(__path_discard_lead),
    leads::answer_lead(__path_answer_lead),
    leads::note_no_answer(__path_note_no_answer),
    consents::note_consent(__path_note_consent),
    merging::merge_lead(__path_merge_lead),
    merging::unmerge_lead(__path_unmerge_lead),
    merging::distinguish_lead(__path_distinguish_lead),
    privacy::erase_person(__path_erase_person),
    privacy::read_everything(__path_read_everything),
    worklists::count_worklists(__path_count_worklists),
    worklists::read_worklist(__path_read_worklist),
    unreadable::read_body(__path_read_body),
    unreadable::reprocess_body(__path_reprocess_body),
    unreadable::discard_body(__path_discard_body),
    filtered::release_filtered(__path_release_filtered),
    filtered::discard_filtered(__path_discard_filtered),
    deliveries::list_deliveries(__path_list_deliveries),
    dead::count_dead(__path_count_dead),
    dead_export::export_dead(__path_export_dead),
    dead::replay_deliveries(__path_replay_deliveries),
    deliveries::read_delivery(__path_read_delivery),
    dead::preview_delivery(__path_preview_delivery),
    deliveries::replay_delivery(__path_replay_delivery),
    dispositions::post(__path_post),
    deliveries::drop_delivery(__path_drop_delivery),
    destinations::list_destinations(__path_list_destinations),
    destinations::resume_destination(__path_resume_destination),
    destinations::pause_destination(__path_pause_destination),
    rotate::rotate_secret(__path_rotate_secret),
    sources::list_sources(__path_list_sources),
    sources::read_source(__path_read_source),
    backfill::backfill_source(__path_backfill_source),
    trial::test_destination(__path_test_destination),
    pools::list_pools(__path_list_pools),
    members::pause_member(__path_pause_member),
    members::resume_member(__path_resume_member),
    members::add_time_off(__path_add_time_off),
    members::clear_time_off(__path_clear_time_off),
    rules::list_rules(__path_list_rules),
    reports::rebuild_reports(__path_rebuild_reports),
    reports::read_report(__path_read_report),
    spend::report_spend(__path_report_spend),
    spend::list_spend(__path_list_spend),
    export::export_journal(__path_export_journal),
    configuration::read_configuration(__path_read_configuration),
    configuration::read_effective(__path_read_effective),
    configuration::reload_configuration(__path_reload_configuration),
    process::back_up(__path_back_up),
    process::read_metrics(__path_read_metrics),
    process::read_openapi(__path_read_openapi),
    health::healthz(__path_healthz),
    health::readyz(__path_readyz),
}

/// Routes of the private listener: one resource per path, in the order of the list.
pub fn configure(config: &mut web::ServiceConfig) {
    let mut order: Vec<String> = Vec::new();
    let mut by_path: BTreeMap<String, Vec<Route>> = BTreeMap::new();
    for Served { path, route } in all() {
        if !order.contains(&path) {
            order.push(path.clone());
        }
        by_path.entry(path).or_default().push(route);
    }
    // What is said here is about people; nobody in between may keep it.
    let headers = DefaultHeaders::new()
        .add(("cache-control", "no-store"))
        .add(("x-content-type-options", "nosniff"));
    let mut scope = web::scope("").wrap(headers);
    for path in order {
        let mut resource =
            web::resource(path.as_str()).default_service(web::to(method_not_allowed));
        for route in by_path.remove(&path).unwrap_or_default() {
            resource = resource.route(route);
        }
        scope = scope.service(resource);
    }
    config.service(scope.default_service(web::to(not_found)));
}

//! The console's paths.

use std::sync::Arc;

use actix_web::web::{self, Data};

use super::entrance::Entrance;
use super::{
    act, assets, bodies, configuration, dead, deliveries, destinations, filtered, find, guard,
    inquiry, lead, live, login, merging, people, pools, privacy, refusal, reports, roster, sources,
    stream, worklists,
};

/// Adds the console to the private listener.
pub fn configure(config: &mut web::ServiceConfig, entrance: &Arc<Entrance>) {
    let pages = web::scope("/w/{workspace}")
        .route("", web::get().to(login::home))
        .route("/live", web::get().to(live::live_page))
        .route("/stream", web::get().to(stream::live_stream))
        .route("/leads/{id}", web::get().to(lead::lead_page))
        .route("/leads/{id}/merge", web::post().to(merging::merge))
        .route("/leads/{id}/unmerge", web::post().to(merging::unmerge))
        .route("/leads/{id}/distinguish", web::post().to(merging::distinguish))
        .route("/leads/{id}/everything", web::get().to(privacy::everything))
        .route("/leads/{id}/erase", web::post().to(privacy::erase))
        .route("/leads/{id}/{action}", web::post().to(act::act_on_lead))
        .route("/inquiries/{id}", web::get().to(inquiry::inquiry_page))
        .route("/worklists", web::get().to(worklists::worklists_page))
        .route("/worklists/dead", web::get().to(dead::dead_page))
        .route("/worklists/{list}", web::get().to(worklists::worklist_page))
        .route("/bodies/{id}", web::get().to(bodies::body_page))
        .route("/bodies/{id}/{action}", web::post().to(bodies::act_on_body))
        .route("/filtered/{id}/{action}", web::post().to(filtered::act_on_filtered))
        .route("/deliveries/replay", web::post().to(dead::replay_many))
        .route("/deliveries/{id}", web::get().to(deliveries::delivery_page))
        .route("/deliveries/{id}/{action}", web::post().to(deliveries::act_on_delivery))
        .route("/find", web::get().to(find::find_page))
        .route("/find", web::post().to(find::find))
        .route("/sources", web::get().to(sources::sources_page))
        .route("/destinations", web::get().to(destinations::destinations_page))
        .route("/destinations/{name}/{action}", web::post().to(destinations::act_on_destination))
        .route("/pools", web::get().to(pools::pools_page))
        .route("/members/{name}/{action}", web::post().to(roster::act_on_member))
        .route("/reports", web::get().to(reports::reports_page))
        .route("/reports/{name}", web::get().to(reports::reports_page))
        .route("/configuration", web::get().to(configuration::configuration_page))
        .route("/people", web::get().to(people::people_page));
    config.service(
        web::scope("/console")
            .app_data(Data::from(Arc::clone(entrance)))
            .wrap(guard::headers())
            .route("", web::get().to(login::home))
            .route("/login", web::get().to(login::login_page))
            .route("/login", web::post().to(login::log_in))
            .route("/enter", web::get().to(login::enter_page))
            .route("/enter", web::post().to(login::enter_by_link))
            .route("/logout", web::post().to(login::log_out))
            .route("/assets/{version}/{name}", web::get().to(assets::asset))
            .service(pages)
            .default_service(web::to(refusal::not_found)),
    );
}

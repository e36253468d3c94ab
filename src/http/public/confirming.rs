//! `/v1/{workspace}/confirmations/{link}`: the person confirms an address by the link in a mail. Opening it shows a button; only
//! that does it, because scanners of mail open links too. Nothing of the person is shown.

use std::sync::Arc;

use actix_web::http::{StatusCode, header};
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};

use super::links::shown_in;
use crate::flow::{NoLink, ToConfirm, Workspace};
use crate::http::body;
use crate::http::caller;
use crate::http::state::HttpState;

/// The button's form has no fields.
const BYTES_MAX: usize = 8 * 1024;

/// What the pages say in one language.
struct Words {
    language: &'static str,
    ask: &'static str,
    sentence: &'static str,
    button: &'static str,
    thanks: &'static str,
    confirmed: &'static str,
    past: &'static str,
    write_again: &'static str,
    later: &'static str,
}

/// The first one where nothing is known.
const WORDS: [Words; 6] = [
    Words {
        language: "en",
        ask: "Confirm your address",
        sentence: "Press the button to confirm that this e-mail address is yours.",
        button: "Confirm",
        thanks: "Thank you",
        confirmed: "Your address is confirmed. You may close this page.",
        past: "This link is not valid any more",
        write_again: "Please fill in the form again to get a new one.",
        later: "Please open the link again in a moment.",
    },
    Words {
        language: "de",
        ask: "Adresse bestätigen",
        sentence: "Mit dem Knopf bestätigen Sie, dass diese E-Mail-Adresse Ihre ist.",
        button: "Bestätigen",
        thanks: "Vielen Dank",
        confirmed: "Ihre Adresse ist bestätigt. Sie können diese Seite schließen.",
        past: "Dieser Link gilt nicht mehr",
        write_again: "Bitte füllen Sie das Formular noch einmal aus, um einen neuen zu bekommen.",
        later: "Bitte öffnen Sie den Link gleich noch einmal.",
    },
    Words {
        language: "fr",
        ask: "Confirmez votre adresse",
        sentence: "Appuyez sur le bouton pour confirmer que cette adresse e-mail est la vôtre.",
        button: "Confirmer",
        thanks: "Merci",
        confirmed: "Votre adresse est confirmée. Vous pouvez fermer cette page.",
        past: "Ce lien n’est plus valable",
        write_again: "Veuillez remplir le formulaire de nouveau pour en recevoir un autre.",
        later: "Veuillez rouvrir le lien dans un instant.",
    },
    Words {
        language: "es",
        ask: "Confirme su dirección",
        sentence: "Pulse el botón para confirmar que esta dirección de correo es suya.",
        button: "Confirmar",
        thanks: "Gracias",
        confirmed: "Su dirección está confirmada. Puede cerrar esta página.",
        past: "Este enlace ya no es válido",
        write_again: "Rellene de nuevo el formulario para recibir otro.",
        later: "Vuelva a abrir el enlace dentro de un momento.",
    },
    Words {
        language: "it",
        ask: "Confermi il suo indirizzo",
        sentence: "Prema il pulsante per confermare che questo indirizzo e-mail è suo.",
        button: "Conferma",
        thanks: "Grazie",
        confirmed: "Il suo indirizzo è confermato. Può chiudere questa pagina.",
        past: "Questo link non è più valido",
        write_again: "Compili di nuovo il modulo per riceverne un altro.",
        later: "Riapra il link tra un momento.",
    },
    Words {
        language: "nl",
        ask: "Bevestig uw adres",
        sentence: "Druk op de knop om te bevestigen dat dit e-mailadres van u is.",
        button: "Bevestigen",
        thanks: "Dank u wel",
        confirmed: "Uw adres is bevestigd. U kunt deze pagina sluiten.",
        past: "Deze link is niet meer geldig",
        write_again: "Vul het formulier opnieuw in om een nieuwe te krijgen.",
        later: "Open de link over een ogenblik nog eens.",
    },
];

/// Shows what the link would do.
pub async fn open(state: Data<HttpState>, request: HttpRequest) -> HttpResponse {
    let (_, opened) = match opened(&state, &request).await {
        Ok(opened) => opened,
        Err(page) => return page,
    };
    let words = words(opened.language.as_deref(), &request);
    if opened.done {
        return thanks(words, &opened);
    }
    let (sentence, button) = (words.sentence, words.button);
    let inner =
        format!("<p>{sentence}</p><form method=\"post\"><p><button>{button}</button></p></form>");
    shown_in(words.language, StatusCode::OK, words.ask, &inner)
}

/// Does it.
pub async fn follow(
    state: Data<HttpState>,
    request: HttpRequest,
    payload: Payload,
) -> HttpResponse {
    // Whatever came with it says nothing.
    let _ = body::read(payload, BYTES_MAX, state.limits.body_deadline).await;
    let (workspace, opened) = match opened(&state, &request).await {
        Ok(opened) => opened,
        Err(page) => return page,
    };
    let words = words(opened.language.as_deref(), &request);
    let from = caller::address(&state.active.load(), &request).map(caller::network);
    match state.flow.confirm(&workspace, &opened, from).await {
        Ok(()) => thanks(words, &opened),
        Err(_) => later(words),
    }
}

async fn opened(
    state: &HttpState,
    request: &HttpRequest,
) -> Result<(Arc<Workspace>, ToConfirm), HttpResponse> {
    let words = words(None, request);
    let Some(_place) = state.enter() else { return Err(later(words)) };
    let (workspace, link) = super::links::named(state, request);
    let Some(workspace) = workspace else { return Err(useless(words, NoLink::Unknown)) };
    match state.flow.open_confirmation(&workspace, &link).await {
        Ok(Ok(opened)) => Ok((workspace, opened)),
        Ok(Err(why)) => Err(useless(words, why)),
        Err(_) => Err(later(words)),
    }
}

/// In the person's language, as the form said it, else as the browser does.
fn words(language: Option<&str>, request: &HttpRequest) -> &'static Words {
    let asked =
        request.headers().get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let known =
        |text: &str| WORDS.iter().find(|words| text.trim_start().starts_with(words.language));
    language.and_then(known).or_else(|| asked.and_then(known)).unwrap_or(&WORDS[0])
}

fn thanks(words: &Words, opened: &ToConfirm) -> HttpResponse {
    if let Some(page) = &opened.page {
        return HttpResponse::SeeOther()
            .insert_header((header::LOCATION, page.as_str()))
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .insert_header(("referrer-policy", "no-referrer"))
            .finish();
    }
    let inner = format!("<p>{}</p>", words.confirmed);
    shown_in(words.language, StatusCode::OK, words.thanks, &inner)
}

fn useless(words: &Words, why: NoLink) -> HttpResponse {
    let status = if why == NoLink::Unknown { StatusCode::NOT_FOUND } else { StatusCode::GONE };
    let inner = format!("<p>{}</p>", words.write_again);
    shown_in(words.language, status, words.past, &inner)
}

fn later(words: &Words) -> HttpResponse {
    let inner = format!("<p>{}</p>", words.later);
    shown_in(words.language, StatusCode::SERVICE_UNAVAILABLE, words.ask, &inner)
}

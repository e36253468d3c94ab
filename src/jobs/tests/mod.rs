mod flaky;
mod looping;
mod receivers;
mod scene;

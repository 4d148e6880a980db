mod events;
mod logs;
mod text;
mod window;

// supabase-js makes its realtime client with every client, and that wants a WebSocket, which Node has of its own from 22
// on. Nothing here opens one.

globalThis.WebSocket ??= class WebSocket {
  constructor() {
    throw new Error("this Node has no WebSocket");
  }
};

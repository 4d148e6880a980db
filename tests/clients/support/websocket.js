// supabase-js makes its realtime client with every client, and that wants a WebSocket, which Node has of its own from 22 on.
// On Node 20 docs/clients.md tells its readers to hand the client one of `ws`; this stands for that. Nothing here opens one.

import WebSocket from "ws";

globalThis.WebSocket ??= WebSocket;

// Leads Microsoft's own names to the emulator, as a hosts file would that also
// knew of ports.
//
// The clients keep their addresses, and Node.js goes on checking certificates:
// what is asked for in the handshake, and compared with the certificate, is the
// name. Below, in the connections of this process, the name means this machine,
// and its port 443 the emulator's.

import { once } from "node:events";
import tls from "node:tls";

import { MICROSOFT } from "./scene.mjs";

const HERE = "127.0.0.1";
const HTTPS = 443;

/**
 * Does `work` while these names lead to the emulator, and says to which of them
 * connections were made. None is kept: who comes next has to connect again.
 */
export async function leadHere(names, work) {
  const { connect } = tls;
  const connected = new Set();
  const sockets = [];
  tls.connect = (options, ...others) => {
    const { host, port } = options;
    if (!names.includes(host) || Number(port) !== HTTPS) return connect.call(tls, options, ...others);
    connected.add(host);
    const servername = options.servername || host;
    const there = { ...options, host: HERE, port: Number(new URL(MICROSOFT).port), servername };
    const socket = connect.call(tls, there, ...others);
    sockets.push(socket);
    return socket;
  };
  try {
    await work();
  } finally {
    tls.connect = connect;
    await Promise.all(sockets.map(end));
  }
  return [...connected].sort();
}

/** Ends a connection, and waits until its client has heard of it. */
function end(socket) {
  return new Promise((resolve) => {
    if (socket.closed) return resolve();
    socket.once("close", resolve);
    socket.destroy();
  });
}

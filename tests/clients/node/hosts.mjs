// Leads Microsoft's own names to the emulator, as a hosts file would that also
// knew of ports.
//
// The clients keep their addresses, and Node.js goes on checking certificates:
// what is asked for in the handshake, and compared with the certificate, is the
// name. Below, in the connections of this process, the name means this machine,
// and its port 443 the emulator's.

import tls from "node:tls";

import { MICROSOFT } from "./scene.mjs";

const HERE = "127.0.0.1";
const HTTPS = 443;

/** The names that were connected to. A connection is kept and used again. */
export const connected = new Set();

/** Does `work` while these names lead to the emulator. */
export async function leadHere(names, work) {
  const { connect } = tls;
  tls.connect = (options, ...others) => {
    const { host, port } = options;
    if (!names.includes(host) || Number(port) !== HTTPS) return connect.call(tls, options, ...others);
    connected.add(host);
    const servername = options.servername || host;
    const there = { ...options, host: HERE, port: Number(new URL(MICROSOFT).port), servername };
    return connect.call(tls, there, ...others);
  };
  try {
    await work();
  } finally {
    tls.connect = connect;
  }
}

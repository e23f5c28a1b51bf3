// A way to an emulated Microsoft on which a request can be held, for what is to be seen
// meanwhile. It leads to another program: to the emulator of its own a program goes
// without a connection, and nothing takes time there.

import { createServer, request } from "node:http";

/** Leads to Graph, as the emulator of a program that runs has it. */
export class Way {
  #microsoft;
  #server;
  #isHeld = () => false;
  #released;

  /** Opens it on a free port. */
  static async to({ microsoft }) {
    const way = new Way();
    way.#microsoft = microsoft;
    way.#server = createServer((asked, answer) => way.#lead(asked, answer));
    await new Promise((resolve) => way.#server.listen(0, "127.0.0.1", resolve));
    return way;
  }

  /** What a program is started with that goes this way. For its sign-ins it does not. */
  options() {
    const { port } = this.#server.address();
    return ["--login-url", this.#microsoft, "--graph-url", `http://127.0.0.1:${port}/v1.0`];
  }

  /**
   * Holds the request to a path that comes after so many others to it, until what this
   * answers is called: within 30 seconds, after which nobody waits for it any more.
   */
  hold(path, { after }) {
    let passed = 0;
    this.#isHeld = ({ url }) => url === path && (passed += 1) === after + 1;
    let release;
    this.#released = new Promise((resolve) => { release = resolve; });
    return release;
  }

  async #lead(asked, answer) {
    if (this.#isHeld(asked)) await this.#released;
    const { method, url, headers } = asked;
    // The links in an answer begin like the address in `Host`, and so lead this way, too.
    const onward = request(this.#microsoft + url, { method, headers }, (answered) => {
      answer.writeHead(answered.statusCode, answered.headers);
      answered.pipe(answer);
    });
    onward.on("error", () => answer.destroy());
    asked.pipe(onward);
  }

  close() {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

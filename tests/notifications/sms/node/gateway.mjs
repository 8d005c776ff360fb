// An SMPP server that does to each number what its last figure says, and prints each message that it took.
import smpp from "smpp";

const [port, user, password] = process.argv.slice(2);
const WRONG_LOGIN = 0x0e, WRONG_NUMBER = 0x0b, THROTTLED = 0x58;
const STATES = { 5: ["DELIVRD", "DELIVRD"], 6: ["UNDELIV"], 7: ["REJECTD"] };
const waiting = [];
const HELD = 3;
let held = [];
let last = 0;

const tell = (event) => process.stdout.write(`${JSON.stringify(event)}\n`);

function receipt(session, { id, to, state }) {
  const text = `id:${id} sub:001 dlvrd:001 submit date:2609010800 done date:2609010801 stat:${state} err:000 text:`;
  session.deliver_sm({ source_addr: to, destination_addr: "COLLEGE", esm_class: 4, short_message: text });
}

const server = smpp.createServer((session) => {
  session.on("error", () => {});
  session.on("bind_transceiver", (pdu) => {
    const known = pdu.system_id === user && pdu.password === password;
    session.send(pdu.response({ command_status: known ? 0 : WRONG_LOGIN }));
    if (known) while (waiting.length) receipt(session, waiting.shift());
  });
  session.on("unbind", (pdu) => { session.send(pdu.response()); session.close(); });
  session.on("submit_sm", (pdu) => {
    const to = pdu.destination_addr, figure = to.slice(-1);
    if (figure === "1") return session.send(pdu.response({ command_status: WRONG_NUMBER }));
    if (figure === "4") return session.send(pdu.response({ command_status: THROTTLED }));
    tell({ to, text: pdu.short_message.message, coding: pdu.data_coding, from: pdu.source_addr });
    if (figure === "2") return undefined;
    if (figure === "3") return session.destroy();
    const id = `m${(last += 1)}`;
    // Before the answer, as some do; and when the session is over, at the next bind.
    for (const state of STATES[figure] ?? ["DELIVRD"]) waiting.push({ id, to, state });
    if (figure === "9") {
      held.push(() => session.send(pdu.response({ message_id: id })));
      if (held.length === HELD) {
        for (const answer of held.reverse()) answer();
        held = [];
      }
      return undefined;
    }
    session.send(pdu.response({ message_id: id }));
    if (figure === "8") session.send(pdu.response({ message_id: id }));
    return undefined;
  });
});
server.listen(Number(port), "127.0.0.1", () => tell({ listening: true }));

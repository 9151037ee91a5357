// Whether the agent answers. An agent that comes back is listed some time before it takes connections, and what it is
// sent until then is lost. So it is asked for something small, as the page itself asks, until it answers.
(function (page) {
  'use strict';
  const waiting = new Map();
  let number = 0;

  page.canAsk = () => page.alive && typeof meshserver !== 'undefined' && typeof meshserver.send === 'function';

  page.onMessage.push((message) => {
    const answered = message.action === 'msg' ? waiting.get(message.tag) : undefined;
    if (answered === undefined) return false;
    answered();
    return true;
  });

  // Asks each second until the agent answers, then calls `answered`; or `silent` when the tries are used up or the
  // agent has gone. What it returns ends the asking, and nothing is called any more.
  page.askAgent = (tries, answered, silent) => {
    const tag = page.settings.event + '-awake-' + (number += 1);
    let timer = null;
    const end = (then) => {
      clearTimeout(timer);
      waiting.delete(tag);
      then();
    };
    const ask = (left) => {
      if (left <= 0 || !page.online() || !page.canAsk()) {
        end(silent);
        return;
      }
      timer = setTimeout(() => ask(left - 1), 1000);
      meshserver.send({ action: 'msg', type: 'userSessions', nodeid: page.node, tag: tag });
    };
    waiting.set(tag, () => end(answered));
    ask(tries);
    return () => end(() => {});
  };
})

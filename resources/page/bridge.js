// Runs in an isolated world before the page: the only place that holds the web channel. It passes on what the script in
// the page's world reports, and queues it until the channel stands. A page that reports without end is not to keep the
// console busy: what comes faster than any page has to say is dropped.
(function (settings) {
  'use strict';
  const MOST = 300; // at once
  const EACH_SECOND = 100; // from then on
  let bridge = null;
  let room = MOST;
  let counted = performance.now();
  const waiting = [];
  function fits() {
    const now = performance.now();
    room = Math.min(MOST, room + (now - counted) * EACH_SECOND / 1000);
    counted = now;
    if (room < 1) return false;
    room -= 1;
    return true;
  }
  document.addEventListener(settings.event, (event) => {
    if (!fits()) return;
    const text = String(event.detail).slice(0, 4096);
    if (bridge) bridge.report(text);
    else if (waiting.length < 100) waiting.push(text);
  });
  new QWebChannel(qt.webChannelTransport, (channel) => {
    bridge = channel.objects[settings.event];
    waiting.splice(0).forEach((text) => bridge.report(text));
  });
})

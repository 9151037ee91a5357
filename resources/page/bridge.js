// Runs in an isolated world before the page: the only place that holds the web channel. It passes on what the script in
// the page's world reports, and queues it until the channel stands.
(function (settings) {
  'use strict';
  let bridge = null;
  const waiting = [];
  document.addEventListener(settings.event, (event) => {
    const text = String(event.detail).slice(0, 4096);
    if (bridge) bridge.report(text);
    else if (waiting.length < 100) waiting.push(text);
  });
  new QWebChannel(qt.webChannelTransport, (channel) => {
    bridge = channel.objects[settings.event];
    waiting.splice(0).forEach((text) => bridge.report(text));
  });
})

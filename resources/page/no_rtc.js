// Runs in the page's own world, in each frame, before its scripts. WebRTC connects past the interceptor and past every
// policy; MeshCentral's page works without it. An empty frame that a page makes for itself still has it, by TCP only
// (console/environment.py).
(function () {
  'use strict';
  delete window.RTCPeerConnection;
  delete window.webkitRTCPeerConnection;
})

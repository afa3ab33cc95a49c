// Passkeys: the page has a form that is hidden where the browser does not know them. What the device
// answers is sent with it; what the device is asked comes from the server.
"use strict";

(() => {
  const add = document.getElementById("add-passkey");
  const signIn = document.getElementById("passkey");

  const follow = (form, ceremony) => {
    const problem = form.querySelector("[data-failed]");
    let busy = false;
    form.hidden = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      // Else this would count as a form that has been sent.
      event.stopPropagation();
      if (busy) return;
      busy = true;
      problem.textContent = "";
      try {
        const credential = await ceremony();
        form.elements.credential.value = JSON.stringify(credential);
        form.submit();
      } catch (error) {
        const known = error.name === "InvalidStateError" && problem.dataset.known;
        problem.textContent = known || problem.dataset.failed;
      }
      busy = false;
    });
  };

  if (add && window.PublicKeyCredential?.parseCreationOptionsFromJSON) {
    const { publicKey } = JSON.parse(document.getElementById("passkey-options").textContent);
    document.getElementById("no-passkeys").hidden = true;
    follow(add, () => navigator.credentials.create({
      publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(publicKey),
    }));
  }

  if (signIn && window.PublicKeyCredential?.parseRequestOptionsFromJSON) {
    follow(signIn, async () => {
      const answer = await fetch(signIn.action, { headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(answer.statusText);
      const { publicKey } = await answer.json();
      return navigator.credentials.get({
        publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(publicKey),
      });
    });
  }
})();

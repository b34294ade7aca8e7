// What makes the console's pages quicker to use. Every page works without it.
"use strict";

const filing = document.querySelector("form[data-suggest]");
if (filing) {
  suggestItems(filing);
  offerOwnPlace(filing);
  pickOnMap(filing);
}

function suggestItems(form) {
  const target = form.querySelector("#suggested");
  let timer = 0, asked = "";
  const ask = async () => {
    const text = form.elements.title.value + "\n" + form.elements.description.value;
    if (text === asked || text.trim().length < 2) return;
    asked = text;
    try {
      const answer = await fetch(form.dataset.suggest + "?" + new URLSearchParams({ text: text.slice(0, 500) }), { signal: AbortSignal.timeout(8000) });
      if (answer.ok && text === asked) {
        const chosen = form.querySelector("[name=suggested]:checked")?.value;
        target.innerHTML = await answer.text();
        for (const radio of target.querySelectorAll("[name=suggested]")) radio.checked = radio.value === chosen;
      }
    } catch { /* without an answer the list of all items serves */ }
  };
  for (const name of ["title", "description"]) {
    form.elements[name].addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(ask, 350); });
  }
  form.addEventListener("change", (event) => {
    if (event.target.name === "suggested") form.querySelector("[name=item]").value = event.target.value;
    if (event.target.name === "item") for (const radio of form.querySelectorAll("[name=suggested]")) radio.checked = radio.value === event.target.value;
  });
}

function offerOwnPlace(form) {
  const button = form.querySelector("#own-place");
  if (!button || !navigator.geolocation) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    button.setAttribute("aria-busy", "true");
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => { button.removeAttribute("aria-busy"); setPlace(form, coords.longitude, coords.latitude); },
      () => button.removeAttribute("aria-busy"),
      { enableHighAccuracy: true, timeout: 10000 },
    );
  });
}

function setPlace(form, lon, lat) {
  form.elements.lon.value = lon.toFixed(6);
  form.elements.lat.value = lat.toFixed(6);
  showPlace(form);
}

function showPlace(form) {
  const map = form.querySelector("svg[data-west]");
  const lon = parseFloat(form.elements.lon.value), lat = parseFloat(form.elements.lat.value);
  if (!map || Number.isNaN(lon) || Number.isNaN(lat)) return;
  map.querySelector(".point")?.remove();
  const point = document.createElementNS("http://www.w3.org/2000/svg", "g");
  point.setAttribute("class", "point");
  for (const [radius, name] of [["13", ""], ["5.5", "core"]]) {
    const circle = document.createElementNS("http://www.w3.org/2000/svg", "circle");
    circle.setAttribute("cx", (lon - map.dataset.west) * map.dataset.perLon);
    circle.setAttribute("cy", (map.dataset.north - lat) * map.dataset.perLat);
    circle.setAttribute("r", radius);
    circle.setAttribute("class", name);
    point.append(circle);
  }
  map.append(point);
}

function pickOnMap(form) {
  const map = form.querySelector("svg[data-west]");
  if (!map) return;
  map.classList.add("pick");
  map.addEventListener("click", (event) => {
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(map.getScreenCTM().inverse());
    setPlace(form, Number(map.dataset.west) + at.x / map.dataset.perLon, Number(map.dataset.north) - at.y / map.dataset.perLat);
  });
  for (const name of ["lon", "lat"]) form.elements[name].addEventListener("input", () => showPlace(form));
  showPlace(form);
}

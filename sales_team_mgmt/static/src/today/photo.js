import {_t} from "@web/core/l10n/translation";
import {utc} from "./queue";

export class PhotoError extends Error {}

const QUALITY = 0.8;

/** A picture taken longer ago than this is from the album: it keeps its own time. */
function takenAt(file) {
    const changed = file.lastModified;
    return utc(changed && changed <= Date.now() ? new Date(changed) : new Date());
}

function loadByElement(file) {
    return new Promise((resolve, reject) => {
        const url = URL.createObjectURL(file);
        const image = new Image();
        image.onload = () => {
            URL.revokeObjectURL(url);
            resolve(image);
        };
        image.onerror = () => {
            URL.revokeObjectURL(url);
            reject(new PhotoError());
        };
        image.src = url;
    });
}

/** The picture as one would look at it: turned the way the camera was held. */
async function load(file) {
    if (window.createImageBitmap) {
        try {
            return await createImageBitmap(file, {imageOrientation: "from-image"});
        } catch {
            // An element reads some formats that a bitmap does not.
        }
    }
    return loadByElement(file);
}

function stamp(context, width, height, text) {
    const size = Math.max(14, Math.round(Math.max(width, height) / 45));
    context.font = `${size}px sans-serif`;
    context.textBaseline = "bottom";
    context.fillStyle = "rgba(0, 0, 0, 0.5)";
    context.fillRect(0, height - size * 1.8, width, size * 1.8);
    context.fillStyle = "#fff";
    context.fillText(text, size * 0.5, height - size * 0.35, width - size);
}

function toBlob(canvas) {
    return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
}

function toBase64(blob) {
    return new Promise((resolve, reject) => {
        const reader = new FileReader();
        reader.onload = () => resolve(reader.result.split(",")[1]);
        reader.onerror = () => reject(reader.error);
        reader.readAsDataURL(blob);
    });
}

/**
 * Make a picture small enough to travel.
 *
 * @param {File} file
 * @param {Number} longest pixels of the longest side
 * @param {String} [text] printed at the bottom of the picture
 * @returns {Promise<Object>} {image: base64 JPEG, width, height, taken_at}
 */
export async function compressPhoto(file, longest, text) {
    let source = null;
    try {
        source = await load(file);
    } catch {
        throw new PhotoError(
            _t("This file cannot be read as a picture. Take the photo again.")
        );
    }
    const full = {
        width: source.naturalWidth || source.width,
        height: source.naturalHeight || source.height,
    };
    const scale = Math.min(1, longest / Math.max(full.width, full.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(full.width * scale));
    canvas.height = Math.max(1, Math.round(full.height * scale));
    const context = canvas.getContext("2d");
    context.imageSmoothingQuality = "high";
    // JPEG knows no transparency: without this it comes out black.
    context.fillStyle = "#fff";
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(source, 0, 0, canvas.width, canvas.height);
    source.close?.();
    if (text) {
        stamp(context, canvas.width, canvas.height, text);
    }
    const blob = await toBlob(canvas);
    if (!blob) {
        throw new PhotoError(
            _t(
                "The device has no room left to make this picture smaller. Close other pages, then take the photo again."
            )
        );
    }
    const {width, height} = canvas;
    // Some phones only give the memory of a canvas back when it is empty.
    canvas.width = canvas.height = 0;
    return {image: await toBase64(blob), width, height, taken_at: takenAt(file)};
}

/** What an image element shows of a picture made here, nothing when there is none. */
export function pictureUrl(image) {
    return image ? `data:image/jpeg;base64,${image}` : "";
}

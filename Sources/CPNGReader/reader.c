#include "CPNGReader.h"

#include <png.h>
#include <stdlib.h>
#include <string.h>

struct png_reader {
    png_structp png;
    png_infop info;
    const uint8_t *contents;
    size_t remaining;
    char error[128];
};

static void fail(png_structp png, png_const_charp message) {
    png_reader *reader = png_get_error_ptr(png);
    strncpy(reader->error, message, sizeof reader->error - 1);
    png_longjmp(png, 1);
}

// libpng's own writes to the standard error.
static void ignore_warning(png_structp png, png_const_charp message) {
    (void)png;
    (void)message;
}

static void read_bytes(png_structp png, png_bytep bytes, size_t count) {
    png_reader *reader = png_get_io_ptr(png);
    if (count > reader->remaining) png_error(png, "read beyond end of data");
    memcpy(bytes, reader->contents, count);
    reader->contents += count;
    reader->remaining -= count;
}

png_reader *png_reader_create(const uint8_t *contents, size_t count) {
    png_reader *reader = calloc(1, sizeof *reader);
    if (!reader) return NULL;
    reader->contents = contents;
    reader->remaining = count;
    reader->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, reader, fail, ignore_warning);
    if (reader->png) reader->info = png_create_info_struct(reader->png);
    if (!reader->info) {
        png_reader_destroy(reader);
        return NULL;
    }
    return reader;
}

int png_reader_read_header(png_reader *reader, png_reader_header *header) {
    png_structp png = reader->png;
    png_infop info = reader->info;
    if (setjmp(png_jmpbuf(png))) return 0;
    png_set_read_fn(png, reader, read_bytes);
    // The caller bounds the size of the image, with an error of its own.
    png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    // Of the chunks beside header, palette, transparency and pixels none is read: neither the gamma and the color profile,
    // so that samples stay what they are, nor compressed texts, which may inflate to a thousand times their size.
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
    png_read_info(png, info);
    header->width = png_get_image_width(png, info);
    header->height = png_get_image_height(png, info);
    header->bits_per_pixel = png_get_bit_depth(png, info) * png_get_channels(png, info);
    int color = png_get_color_type(png, info);
    int has_alpha = (color & PNG_COLOR_MASK_ALPHA) || png_get_valid(png, info, PNG_INFO_tRNS);
    header->channels = (color & PNG_COLOR_MASK_COLOR ? 3 : 1) + (has_alpha ? 1 : 0);
    return 1;
}

int png_reader_read_pixels(png_reader *reader, uint8_t *pixels) {
    png_structp png = reader->png;
    png_infop info = reader->info;
    if (setjmp(png_jmpbuf(png))) return 0;
    // Palettes to RGB, gray of 1, 2 and 4 bits to 8, a transparent color to alpha; then 16 bits to 8, rounded.
    png_set_expand(png);
    png_set_scale_16(png);
    int passes = png_set_interlace_handling(png);
    png_read_update_info(png, info);
    size_t row_size = png_get_rowbytes(png, info);
    png_uint_32 height = png_get_image_height(png, info);
    // What the header function announced is what the caller has room for.
    int color = png_get_color_type(png, info);
    size_t channels = (color & PNG_COLOR_MASK_COLOR ? 3u : 1u) + (color & PNG_COLOR_MASK_ALPHA ? 1u : 0u);
    if (row_size != png_get_image_width(png, info) * channels) png_error(png, "unexpected size of rows");
    for (int pass = 0; pass < passes; pass++) {
        for (png_uint_32 row = 0; row < height; row++) png_read_row(png, pixels + row * row_size, NULL);
    }
    return 1;
}

const char *png_reader_error(const png_reader *reader) { return reader->error; }

void png_reader_destroy(png_reader *reader) {
    png_destroy_read_struct(&reader->png, &reader->info, NULL);
    free(reader);
}

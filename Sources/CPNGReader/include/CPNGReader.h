// libpng's reader of images in memory, without longjmp across the callers.
#pragma once

#include <stddef.h>
#include <stdint.h>

/// An image that is being read.
typedef struct png_reader png_reader;

/// What the header of an image announces.
typedef struct {
    uint32_t width, height;
    /// The channels of the pixels that are returned: gray; gray and alpha; RGB; RGB and alpha.
    int channels;
    /// The bits of a pixel in the file.
    int bits_per_pixel;
} png_reader_header;

/// A reader of the PNG file with the given contents, which must stay where they are; NULL if memory runs out.
png_reader *png_reader_create(const uint8_t *contents, size_t count);

/// Reads all that precedes the pixels; 0 on failure.
int png_reader_read_header(png_reader *reader, png_reader_header *header);

/// Reads the pixels of a reader whose header was read, as `width * height * channels` bytes; 0 on failure.
int png_reader_read_pixels(png_reader *reader, uint8_t *pixels);

/// libpng's text for the last failure.
const char *png_reader_error(const png_reader *reader);

void png_reader_destroy(png_reader *reader);

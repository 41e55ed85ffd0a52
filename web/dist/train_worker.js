var Ye=(r,e)=>(e=Symbol[r])?e:Symbol.for("Symbol."+r),Qe=r=>{throw TypeError(r)};var X=(r,e,t)=>{if(e!=null){typeof e!="object"&&typeof e!="function"&&Qe("Object expected");var a,n;t&&(a=e[Ye("asyncDispose")]),a===void 0&&(a=e[Ye("dispose")],t&&(n=a)),typeof a!="function"&&Qe("Object not disposable"),n&&(a=function(){try{n.call(this)}catch(o){return Promise.reject(o)}}),r.push([t,a,e])}else t&&r.push([t]);return e},de=(r,e,t)=>{var a=typeof SuppressedError=="function"?SuppressedError:function(s,i,c,l){return l=Error(c),l.name="SuppressedError",l.error=s,l.suppressed=i,l},n=s=>e=t?new a(s,e,"An error was suppressed during disposal"):(t=!0,s),o=s=>{for(;s=r.pop();)try{var i=s[1]&&s[1].call(s[2]);if(s[0])return Promise.resolve(i).then(o,c=>(n(c),o()))}catch(c){n(c)}if(t)throw e};return o()};var x=class extends Error{name="UserError";constructor(e,t){super(e,t),this.exitCode=t?.exitCode??1}exitCode};var Xe="0.1.0";var H=class{#e;constructor(...e){let t=2654435769;this.#e=new Uint32Array(4);let a=e.flatMap(n=>[n>>>0,Math.floor(n/2**32)>>>0]);for(let n of a)t=Ze(t^n);for(let n=0;n<4;n++)this.#e[n]=t=Ze(t+2654435769>>>0);this.#e[0]|=1}uint32(){let e=this.#e,t=Math.imul(e[1],5),a=Math.imul(t<<7|t>>>25,9)>>>0,n=e[1]<<9;return e[2]^=e[0],e[3]^=e[1],e[1]^=e[2],e[0]^=e[3],e[2]^=n,e[3]=e[3]<<11|e[3]>>>21,a}uniform(){return this.uint32()/2**32}between(e,t){return e+(t-e)*this.uniform()}below(e){return Math.floor(this.uniform()*e)}normal(){return Math.sqrt(-2*Math.log(1-this.uniform()))*Math.cos(2*Math.PI*this.uniform())}shuffled(e){let t=[...e];for(let a=t.length-1;a>0;a--){let n=this.below(a+1);[t[a],t[n]]=[t[n],t[a]]}return t}};function Ze(r){let e=Math.imul(r^r>>>16,2246822507);return e=Math.imul(e^e>>>13,3266489909),(e^e>>>16)>>>0}function $e(r,e,t,a){let n=new Uint8Array(a.width*a.height*3),o=a.left>=0&&a.left+a.width<=e;for(let s=0;s<a.height;s++){let i=et(a.top+s,t)*e*3,c=s*a.width*3;if(o){n.set(r.subarray(i+a.left*3,i+(a.left+a.width)*3),c);continue}for(let l=0;l<a.width;l++){let p=i+et(a.left+l,e)*3;for(let d=0;d<3;d++)n[c+l*3+d]=r[p+d]}}return n}function et(r,e){let t=Math.max(2*(e-1),1),a=(r%t+t)%t;return a<e?a:t-a}function Z(r,e,t,a,n){let{rgb:o,width:s,left:i,top:c}=a,[l,p]=n&4?[s*3,3]:[3,s*3],d=n&1?-l:l,u=n&2?-p:p,m=(c*s+i)*3+(n&1?l*(t-1):0)+(n&2?p*(t-1):0),w=e;for(let h=0;h<t;h++){let f=m+h*u;for(let y=0;y<t;y++,f+=d,w+=3)r[w]=o[f]/255,r[w+1]=o[f+1]/255,r[w+2]=o[f+2]/255}}function ir(r){let e=Math.ceil(3*r),t=new Float64Array(e+1),a=0;for(let n=0;n<=e;n++)t[n]=n===0?1:Math.exp(-(n*n)/(2*r*r)),a+=n===0?t[n]:2*t[n];return t.map(n=>n/a)}function tt(r,e,t,a){let n=ir(a),o=n.length-1;if(o===0)return;let s=e*3,i=new Float32Array(s+o*6);for(let l=0;l<t;l++){let p=l*s,d=p+s-3;i.set(r.subarray(p,p+s),o*3);for(let u=0;u<o*3;u++)i[u]=r[p+u%3],i[o*3+s+u]=r[d+u%3];for(let u=0;u<s;u++){let m=u+o*3,w=n[0]*i[m];for(let h=1;h<=o;h++)w+=n[h]*(i[m-3*h]+i[m+3*h]);r[p+u]=w}}let c=r.slice();for(let l=0;l<t;l++){let p=l*s;for(let d=0;d<s;d++)r[p+d]=n[0]*c[p+d];for(let d=1;d<=o;d++){let u=Math.max(l-d,0)*s,m=Math.min(l+d,t-1)*s,w=n[d];for(let h=0;h<s;h++)r[p+h]+=w*(c[u+h]+c[m+h])}}}async function rt(r,e,t,a){let{OffscreenCanvas:n}=globalThis,o=n&&new n(e,t),s=o?.getContext("2d",{willReadFrequently:!0});if(!o||!s)throw new x("Cannot degrade through JPEG: no codec was given, and there is no canvas to do it");let i=new Uint8ClampedArray(e*t*4).fill(255);for(let u=0,m=0;u<r.length;u+=3,m+=4)i[m]=r[u],i[m+1]=r[u+1],i[m+2]=r[u+2];s.putImageData(new ImageData(i,e,t),0,0);let c=await o.convertToBlob({type:"image/jpeg",quality:a/100}),l=await createImageBitmap(c,{colorSpaceConversion:"none"});s.drawImage(l,0,0),l.close();let{data:p}=s.getImageData(0,0,e,t),d=new Uint8Array(e*t*3);for(let u=0,m=0;m<d.length;u+=4,m+=3)d[m]=p[u],d[m+1]=p[u+1],d[m+2]=p[u+2];return d}var Ue;function cr(){if(Ue)return Ue;let r=new Float32Array(65536),e=0;for(let a=0;a<65536/2;a++){let n=lr((a+.5)/65536);e+=2*n*n,r[a]=n}let t=Math.sqrt(65536/e);for(let a=0;a<65536/2;a++)r[a]*=t,r[65535-a]=-r[a];return Ue=r}function lr(r){if(r<.02425){let a=Math.sqrt(-2*Math.log(r));return(((((-.007784894002430293*a-.3223964580411365)*a-2.400758277161838)*a-2.549732539343734)*a+4.374664141464968)*a+2.938163982698783)/((((.007784695709041462*a+.3224671290700398)*a+2.445134137142996)*a+3.754408661907416)*a+1)}let e=r-.5,t=e*e;return(((((-39.69683028665376*t+220.9460984245205)*t-275.9285104469687)*t+138.357751867269)*t-30.66479806614716)*t+2.506628277459239)*e/(((((-54.47609879822406*t+161.5858368580409)*t-155.6989798598866)*t+66.80131188771972)*t-13.28068155288572)*t+1)}function at(r,e,t){if(e===0)return;let a=cr();for(let n=0;n<r.length;n+=2){let o=t.uint32();r[n]+=e*a[o&65535],n+1<r.length&&(r[n+1]+=e*a[o>>>16])}}function nt(r,e,t){let a=e*4294967296,n=a/2;for(let o=0;o<r.length;o+=3){let s=t.uint32();s<a&&(r[o]=r[o+1]=r[o+2]=s<n?0:255)}}function pr(r){let e=Math.abs(r);return e<=1?(1.5*e-2.5)*e*e+1:e<2?((-.5*e+2.5)*e-4)*e+2:0}function ot(r,e){let t=r/e,a=Math.max(t,1),n=Math.ceil(4*a)+1,o=new Int32Array(e*n),s=new Float64Array(e*n);for(let i=0;i<e;i++){let c=(i+.5)*t-.5,l=Math.ceil(c-2*a),p=0;for(let d=0;d<n;d++){let u=pr((l+d-c)/a);o[i*n+d]=Math.min(Math.max(l+d,0),r-1),s[i*n+d]=u,p+=u}for(let d=0;d<n;d++)s[i*n+d]/=p}return{positions:o,weights:s,count:n}}function Oe(r,e,t,a,n){let o=ot(e,a),s=new Float32Array(t*a*3);for(let p=0;p<t;p++)for(let d=0;d<a;d++){let u=0,m=0,w=0;for(let f=d*o.count,y=f+o.count;f<y;f++){let g=(p*e+o.positions[f])*3,b=o.weights[f];u+=b*r[g],m+=b*r[g+1],w+=b*r[g+2]}let h=(p*a+d)*3;s[h]=u,s[h+1]=m,s[h+2]=w}let i=ot(t,n),c=new Float32Array(n*a*3),l=a*3;for(let p=0;p<n;p++)for(let d=p*i.count,u=d+i.count;d<u;d++){let m=i.positions[d]*l,w=i.weights[d];for(let h=0,f=p*l;h<l;h++)c[f+h]+=w*s[m+h]}return c}async function it(r,e,t,a,n,o=rt){if(r.length!==e*t*3)throw new RangeError(`Cannot degrade: ${r.length} samples are not ${e}×${t} RGB pixels`);if(a.length===0)return r.slice();let s=Float32Array.from(r);for(let{name:i,strength:c}of a)i==="blur"?tt(s,e,t,c):i==="gaussian"?at(s,c,n):i==="salt-pepper"?nt(s,c,n):i==="jpeg"?s=Float32Array.from(await o(st(s),e,t,c)):s=dr(s,e,t,c);return st(s)}function ct(r){let e=0;for(let{name:t,strength:a}of r)t==="blur"?e+=Math.ceil(3*a):t==="jpeg"?e+=16:t==="downscale"&&a>1&&(e+=Math.ceil(4*a));return e}function st(r){return new Uint8Array(Uint8ClampedArray.from(r).buffer)}function dr(r,e,t,a){let n=Math.max(1,Math.round(e/a)),o=Math.max(1,Math.round(t/a)),s=Oe(r,e,t,n,o);return Oe(s,n,o,e,t)}var ur=2,mr=20,ee=class{#e;#r;#t;#n;constructor(e,t){let{patch:a,batch:n}=t;if(!(Number.isInteger(a)&&a>0&&Number.isInteger(n)&&n>0))throw new RangeError(`Cannot cut patches: ${n} of ${a} pixels is not a batch`);if(!t.recipe&&!e.paired)throw new x("Plain photos need a degradation recipe: give one, e.g. --degrade photo");if(this.#e=e,this.#r=t,this.#t=t.indices??e.photos.map((s,i)=>i),this.#t.length===0)throw new x("There is no photo to cut patches from: give more photos");let o=0;this.#n=Float64Array.from(this.#t,s=>{let{width:i,height:c}=e.photos[s];return o+=i*c})}async batch(e){let{batch:t,patch:a}=this.#r,n=new Float32Array(t*a*a*3),o=new Float32Array(t*a*a*3),s=Array.from({length:t},(i,c)=>this.#a(e,c,n,o));return await Promise.all(s),{input:n,target:o}}async#a(e,t,a,n){let{seed:o,batch:s,patch:i,recipe:c,jpeg:l,augment:p=!0}=this.#r,d=new H(o,e,t),{index:u,high:m,low:w}=await this.#o(d,e*s+t),{width:h,height:f}=this.#e.photos[u],g=Array.from({length:p?ur:1},()=>({left:d.below(Math.max(h-i,0)+1),top:d.below(Math.max(f-i,0)+1)})),{left:b,top:A}=fr(m,h,f,i,g),k=p?d.below(8):0,$=t*i*i*3;if(!c){let q=sr=>$e(sr,h,f,{left:b,top:A,width:i,height:i});Z(a,$,i,{rgb:q(w),width:i,left:0,top:0},k),Z(n,$,i,{rgb:q(m),width:i,left:0,top:0},k);return}let D=c.sample(d),E=ct(D),W=D.some(({name:q})=>q==="jpeg")?16:1,S=Math.max(b-E+d.below(W),0),M=Math.max(A-E+d.below(W),0),pe=Math.min(b+i+E,Math.max(h,i)),Re=Math.min(A+i+E,Math.max(f,i)),K={left:S,top:M,width:pe-S,height:Re-M},Q=$e(m,h,f,K),Me=await it(Q,K.width,K.height,D,d,l);Z(a,$,i,{rgb:Me,width:K.width,left:b-S,top:A-M},k),Z(n,$,i,{rgb:Q,width:K.width,left:b-S,top:A-M},k)}async#o(e,t){for(let a=0;;a++){let n=this.#r.choose==="each"?(t+a)%this.#t.length:this.#s(e.uniform()),o=this.#t[n];try{return{index:o,...await this.#e.load(o)}}catch(s){if(!(s instanceof x)||a===mr)throw s}}}#s(e){let t=e*this.#n[this.#n.length-1],a=0,n=this.#n.length-1;for(;a<n;){let o=a+n>>1;this.#n[o]>t?n=o:a=o+1}return a}};function fr(r,e,t,a,n){let o=({left:i,top:c})=>{let l=0;for(let p=c;p<Math.min(c+a,t);p+=4)for(let d=i;d+1<Math.min(i+a,e);d+=4){let u=(p*e+d)*3+1;l+=Math.abs(r[u]-r[u+3])}return l},s=n.map(o);return n[s.indexOf(Math.max(...s))]}var hr=2**40;function lt(r,e){let{count:t,size:a,seed:n,indices:o,recipe:s,jpeg:i}=e;return new ee(r,{patch:a,batch:t,seed:n,indices:o,recipe:s,jpeg:i,augment:!1,choose:"each"}).batch(hr)}function pt(r,e,t){if(!(e>=0&&e<1))throw new RangeError(`Cannot split: the held-out share must be in 0..1, got ${e}`);let a=r.map((c,l)=>l);if(e===0)return{train:a,validation:[]};if(r.length<=1)return{train:a,validation:a};let n=Math.min(Math.max(Math.round(e*r.length),1),r.length-1),o=r.map(({name:c})=>gr(c,t)),s=a.toSorted((c,l)=>o[c]-o[l]||c-l),i=new Set(s.slice(0,n));return{train:a.filter(c=>!i.has(c)),validation:a.filter(c=>i.has(c))}}function gr(r,e){let t=2166136261^e;for(let a=0;a<r.length;a++)t=Math.imul(t^r.charCodeAt(a),16777619);return t=Math.imul(t^t>>>16,2246822507),t=Math.imul(t^t>>>13,3266489909),(t^t>>>16)>>>0}var Ee={blur:{low:0,high:20,meaning:"sigma in pixels",example:"blur:0.5-2"},gaussian:{low:0,high:255,meaning:"sigma of the noise",example:"gaussian:25"},"salt-pepper":{low:0,high:1,meaning:"share of the pixels",example:"salt-pepper:0.01"},jpeg:{low:1,high:100,meaning:"quality",example:"jpeg:30-90"},downscale:{low:1,high:16,meaning:"factor",example:"downscale:2"}},ue={none:"none",trial1:"none",trial2:"blur:1-2",trial3:"salt-pepper:0.02,blur:2-3",photo:"6*mix(blur:0-2*3,gaussian:0-30*2,salt-pepper:0-0.03,jpeg:25-100) | 2*salt-pepper:0-0.03,blur:0-2 | blur:0-2,salt-pepper:0-0.03"},wr=.1,yr=.2,vr=.75;function dt(r){let e=r.trim(),a=(Object.hasOwn(ue,e)?ue[e]:e).split("|").map(s=>br(s.trim(),r)),n=a.reduce((s,{weight:i})=>s+i,0),o=a.map(({weight:s,items:i})=>`${s===1?"":`${te(s)}*`}${Ar(i)}`).join(" | ");return{name:Object.hasOwn(ue,e)?e:o,text:o,sample:s=>{let i=a.length>1?s.uniform()*n:0,{items:c}=a.find(({weight:l})=>(i-=l)<0)??a[a.length-1];return c.flatMap(l=>"mix"in l?xr(l.mix,s):ut(l.step,s))}}}function br(r,e){let t=r.match(/^(\d*\.?\d+)\s*\*\s*(.*)$/),a=t?Number(t[1]):1;if(a===0)throw G(e,`'${r}' has the weight 0`);let n=t?t[2]:r;return{weight:a,items:n==="none"?[]:mt(n,e).map(o=>_r(o,e))}}function ut({name:r,low:e,high:t},a){let n=a.between(e,t);return{name:r,strength:r==="jpeg"?Math.round(n):n}}function xr(r,e){if(e.uniform()<wr)return[];let t=e.uniform()*r.reduce((i,{weight:c})=>i+c,0),a=r.findIndex(({weight:i})=>(t-=i)<0),n=a<0?r.length-1:a,o=e.shuffled(r.filter((i,c)=>c===n||e.uniform()<yr)),s=o.findIndex(i=>i.name==="jpeg");return s>=0&&e.uniform()<vr&&o.push(...o.splice(s,1)),o.map(i=>ut(i,e))}function mt(r,e){let t=r.match(/(?:[^,()]|\([^()]*\))+/g)??[];if(r.trim()==="")throw G(e,"it is empty or has an empty mix");if(t.join(",")!==r)throw G(e,"a comma or a bracket is misplaced");return t.map(a=>a.trim())}function _r(r,e){let t=r.match(/^mix\((.*)\)$/);return t?{mix:mt(t[1],e).map(a=>{let n=a.match(/^(.*?)\s*\*\s*(\d*\.?\d+)$/);if(!n)return Ne(a,e);let o=Number(n[2]);if(o===0)throw G(e,`'${a}' has the weight 0`);return{...Ne(n[1],e),weight:o}})}:{step:Ne(r,e)}}function Ne(r,e){let t=r.match(/^([a-z-]+)\s*:\s*(\d*\.?\d+)(?:\s*-\s*(\d*\.?\d+))?$/);if(!t)throw G(e,`'${r}' is not NAME:STRENGTH or NAME:LOW-HIGH`);let[,a,n,o=n]=t;if(!Object.hasOwn(Ee,a))throw G(e,`there is no step '${a}'`);let s=Ee[a],i=Number(n),c=Number(o);if(i>c)throw G(e,`'${r}' has its range the wrong way round`);if(i<s.low||c>s.high)throw G(e,`'${r}' is outside ${s.low}..${s.high} (${s.meaning})`);return{name:a,low:i,high:c,weight:1}}function Ar(r){let e=({name:t,low:a,high:n,weight:o})=>`${t}:${a===n?te(a):`${te(a)}-${te(n)}`}${o===1?"":`*${te(o)}`}`;return r.map(t=>"mix"in t?`mix(${t.mix.map(e).join(",")})`:e(t.step)).join(",")||"none"}function te(r){return String(r).includes("e")?r.toFixed(20).replace(/\.?0+$/,""):String(r)}function G(r,e){let t=Object.values(Ee).map(({example:a,meaning:n,low:o,high:s})=>`${a} (${n}, ${o}..${s})`);return new x(`Cannot read the degradation recipe '${r}': ${e}; steps are ${t.join(", ")}, joined by commas, as mix(...) or as alternatives parted by |; presets are ${Object.keys(ue).join(", ")}`,{exitCode:2})}var v=class extends Error{name="GpuError"},O=class extends v{name="GpuOutOfMemoryError"},me=class extends v{name="GpuLostError"};var Ce={activation:`// Included by kernels that fuse an activation: 0 none, 1 relu, 2 leaky relu with slope 0.1 (LEAKY_SLOPE in src/nn/topology.ts).
override ACTIVATION: u32 = 0u;

fn activate(v: vec4f) -> vec4f {
  if (ACTIVATION == 1u) { return max(v, vec4f()); }
  if (ACTIVATION == 2u) { return max(v, 0.1 * v); }
  return v;
}

// Derivative of the activation, from its value y = activate(v): both kinds keep the sign of v.
fn activation_slope(y: vec4f) -> vec4f {
  if (ACTIVATION == 1u) { return select(vec4f(), vec4f(1.0), y > vec4f()); }
  if (ACTIVATION == 2u) { return select(vec4f(0.1), vec4f(1.0), y > vec4f()); }
  return vec4f(1.0);
}
`,adam:`// Adam with bias correction (Kingma and Ba 2015), decoupled weight decay (Loshchilov and Hutter 2019), clipping of the gradient's
// global norm (Pascanu et al. 2013) and an exponential moving average of the weights, elementwise over all parameters:
//   g ← g · min(1, max_norm / ‖g‖); m ← β₁m + (1-β₁)g; v ← β₂v + (1-β₂)g²;
//   p ← p - lr · (m · correction₁ / (√(v · correction₂) + ε) + decay · p); average ← average + (1-ema) · (p - average)
// where correctionᵢ = 1 / (1 - βᵢᵗ). p, g, m, v, average: [count] vec4 f32; norm: ‖g‖² in x. An invocation owns one vec4.
struct Params { count: i32 }
struct Step {
  learning_rate: f32, beta1: f32, beta2: f32, epsilon: f32,
  correction1: f32, correction2: f32, decay: f32, max_norm: f32,
  ema: f32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> now: Step;
@group(0) @binding(2) var<storage, read> g: array<vec4f>;
@group(0) @binding(3) var<storage, read> norm: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> p: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> m: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> v: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> average: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  let norm_root = sqrt(norm[0].x);
  var scale = 1.0;
  if (now.max_norm > 0.0 && norm_root > now.max_norm) { scale = now.max_norm / norm_root; }
  let gradient = g[index] * scale;
  let first = fma(vec4f(1.0 - now.beta1), gradient - m[index], m[index]);
  let second = fma(vec4f(1.0 - now.beta2), gradient * gradient - v[index], v[index]);
  m[index] = first;
  v[index] = second;
  let before = p[index];
  let update = first * now.correction1 / (sqrt(second * now.correction2) + vec4f(now.epsilon)) + now.decay * before;
  let after = before - now.learning_rate * update;
  p[index] = after;
  average[index] = fma(vec4f(1.0 - now.ema), after - average[index], average[index]);
}
`,add:`// Residual add: y = a + b, elementwise over vec4 f32. An invocation owns one vec4.
struct Params { count: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<vec4f>;
@group(0) @binding(2) var<storage, read> b: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  y[index] = a[index] + b[index];
}
`,add_grad:`// Gradient of a residual add, for one of its terms x: dx = activation_slope(x) * dy, elementwise over vec4 f32;
// added to what dx holds when params.accumulate is set. An invocation owns one vec4.
struct Params { count: i32, accumulate: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read> activated: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> dx: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  var gradient = dy[index] * activation_slope(activated[index]);
  if (params.accumulate != 0) { gradient += dx[index]; }
  dx[index] = gradient;
}
`,bias_grad:`// Bias gradient: db[o] = sum over n,y,x of dy[n,y,x,o].
// dy: [pixels][out4] vec4 f32, partials: [slices][out4] vec4; sum_slices adds the slices in order.
// An invocation owns four outputs and one slice of the pixels.
struct Params { pixels: i32, out4: i32, slices: i32, slice_pixels: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> partials: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.out4 * params.slices) { return; }
  let o = index % params.out4;
  let slice = index / params.out4;
  let end = min((slice + 1) * params.slice_pixels, params.pixels);
  var sum = vec4f();
  for (var pixel = slice * params.slice_pixels; pixel < end; pixel++) { sum += dy[pixel * params.out4 + o]; }
  partials[index] = sum;
}
`,conv2d_input_grad_naive:`// Input gradient of a k×k convolution, any stride:
// dx[n,y,x,c] = activation_slope(x) * sum over ky,kx,o of w[ky,kx,c,o] * dy[n, (y+r-ky)/stride, (x+r-kx)/stride, o], where the division is exact.
// dy: [N,OH,OW,4·out4] f32, w: [k·k][4·in4][out4] vec4, dx: [N,H,W,4·target4] f32 for the inputs 4·first4 .. 4·(first4 + target4);
// added to what dx holds when params.accumulate is set. An invocation owns one pixel by four inputs.
struct Params {
  batch: i32, height: i32, width: i32, out_height: i32, out_width: i32,
  in4: i32, out4: i32, target4: i32, first4: i32, kernel: i32, stride: i32, accumulate: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read> w: array<vec4f>;
@group(0) @binding(3) var<storage, read> activated: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> dx: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * params.height * params.width * params.target4) { return; }
  let c = index % params.target4;
  let pixel = index / params.target4;
  let column = pixel % params.width;
  let row = (pixel / params.width) % params.height;
  let n = pixel / (params.width * params.height);
  let radius = (params.kernel - 1) / 2;
  var sum = vec4f();
  for (var ky = 0; ky < params.kernel; ky++) {
    let up = row + radius - ky;
    let out_row = up / params.stride;
    if (up < 0 || out_row * params.stride != up || out_row >= params.out_height) { continue; }
    for (var kx = 0; kx < params.kernel; kx++) {
      let across = column + radius - kx;
      let out_column = across / params.stride;
      if (across < 0 || out_column * params.stride != across || out_column >= params.out_width) { continue; }
      let at = ((n * params.out_height + out_row) * params.out_width + out_column) * params.out4;
      let tap = ((ky * params.kernel + kx) * params.in4 + params.first4 + c) * 4 * params.out4;
      for (var o = 0; o < params.out4; o++) {
        let d = dy[at + o];
        sum += vec4f(
          dot(w[tap + o], d), dot(w[tap + params.out4 + o], d),
          dot(w[tap + 2 * params.out4 + o], d), dot(w[tap + 3 * params.out4 + o], d),
        );
      }
    }
  }
  sum *= activation_slope(activated[index]);
  if (params.accumulate != 0) { sum += dx[index]; }
  dx[index] = sum;
}
`,conv2d_naive:`// Convolution k×k ('same', kernel centred on (y·stride, x·stride)): the readable version, and the one for 1×1, stride 2 and wide layers.
// y[n,y,x,:] = activate(bias + sum over ky,kx,c of x[n, y·stride+ky-r, x·stride+kx-r, c] * w[ky,kx,c,:]), r = (k-1)/2.
// x: sources a and b joined along the channels, [N,H,W,4·(a4|b4)] f32 (a of half the size when params.a_shift = 1),
// w: [k·k][4·in4][out4] vec4 over outputs, bias: [out4] vec4, y: [N,OH,OW,4·out4] f32. An invocation owns one pixel by four outputs.
struct Params {
  batch: i32, height: i32, width: i32, out_height: i32, out_width: i32,
  a4: i32, b4: i32, a_shift: u32, out4: i32, kernel: i32, stride: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<vec4f>;
@group(0) @binding(2) var<storage, read> b: array<vec4f>;
@group(0) @binding(3) var<storage, read> w: array<vec4f>;
@group(0) @binding(4) var<storage, read> bias: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> y: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * params.out_height * params.out_width * params.out4) { return; }
  let o = index % params.out4;
  let pixel = index / params.out4;
  let column = pixel % params.out_width;
  let row = (pixel / params.out_width) % params.out_height;
  let n = pixel / (params.out_width * params.out_height);
  let radius = (params.kernel - 1) / 2;
  let in4 = params.a4 + params.b4;
  var sum = bias[o];
  for (var ky = 0; ky < params.kernel; ky++) {
    let source_row = row * params.stride + ky - radius;
    if (source_row < 0 || source_row >= params.height) { continue; }
    for (var kx = 0; kx < params.kernel; kx++) {
      let source_column = column * params.stride + kx - radius;
      if (source_column < 0 || source_column >= params.width) { continue; }
      let shift = params.a_shift;
      let at_a = ((n * (params.height >> shift) + (source_row >> shift)) * (params.width >> shift) + (source_column >> shift)) * params.a4;
      let at_b = ((n * params.height + source_row) * params.width + source_column) * params.b4;
      let tap = (ky * params.kernel + kx) * in4 * 4 * params.out4 + o;
      for (var c = 0; c < in4; c++) {
        var v: vec4f;
        if (c < params.a4) { v = a[at_a + c]; } else { v = b[at_b + c - params.a4]; }
        let t = tap + c * 4 * params.out4;
        sum = fma(vec4f(v.x), w[t], sum);
        sum = fma(vec4f(v.y), w[t + params.out4], sum);
        sum = fma(vec4f(v.z), w[t + 2 * params.out4], sum);
        sum = fma(vec4f(v.w), w[t + 3 * params.out4], sum);
      }
    }
  }
  y[index] = activate(sum);
}
`,conv2d_pack:`// Rearranges the weights of a 3×3 convolution for conv2d_tile8.
// weight: [9 taps][4·in4 inputs][out4] vec4 over outputs, f32, padded with zeros; bias: [out4] vec4.
// packed: blocks of 8 outputs, \`params.block_vec4s\` apart: [9 taps][source4][4][2] vec4, then 2 vec4 of bias.
// FORWARD 1: as they are. FORWARD 0: for the input gradient of inputs 4·first4 .. 4·(first4 + target4): the taps turned by 180°,
// inputs and outputs exchanged, bias zero. An invocation writes one vec4.
struct Params { in4: i32, out4: i32, source4: i32, target4: i32, first4: i32, block_vec4s: i32, count: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> weight: array<vec4f>;
@group(0) @binding(2) var<storage, read> bias: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> packed: array<vec4f>;

override FORWARD: u32 = 1u;

fn turned(tap: i32, input: i32, output: i32) -> f32 {
  return weight[((8 - tap) * params.in4 * 4 + params.first4 * 4 + input) * params.out4 + output / 4][output % 4];
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  let block = index / params.block_vec4s;
  let inner = index % params.block_vec4s;
  let target_vec = block * 2 + inner % 2;
  var value = vec4f();
  if (target_vec < params.target4) {
    if (inner < 72 * params.source4) {
      let source = (inner / 2) % (params.source4 * 4);
      let tap = inner / (8 * params.source4);
      if (FORWARD == 1u) {
        value = weight[(tap * params.in4 * 4 + source) * params.out4 + target_vec];
      } else {
        let first = target_vec * 4;
        value = vec4f(
          turned(tap, first, source), turned(tap, first + 1, source),
          turned(tap, first + 2, source), turned(tap, first + 3, source),
        );
      }
    } else if (FORWARD == 1u && inner < 72 * params.source4 + 2) {
      value = bias[target_vec];
    }
  }
  packed[index] = value;
}
`,conv2d_tile8:`// Convolution 3×3, stride 1, 'same': y = activate(bias + sum over ky,kx,c of x[n, y+ky-1, x+kx-1, c] * w[ky,kx,c,:]).
// The same kernel is the input gradient, with transposed and turned weights (conv2d_pack): then
// dx = (sum) * activation_slope(x), added to what dx holds when params.accumulate is set.
// x: sources a and b joined along the channels, each [N,H,W,4·(a4|b4)] f32; source a may be of half the size (params.a_shift = 1:
// nearest upsampling by the address). y: [N,H,W,4·out4] f32. Channels beyond the tensor's own are zero.
// w: blocks of 8 outputs, \`params.block_vec4s\` apart: [9 taps][inside4][4 inputs][2] vec4 over outputs, then 2 vec4 of bias; as many blocks as 64 KiB hold.
// An invocation owns 8 pixels of a row by 8 outputs: 16 vec4 accumulators, no barrier, no workgroup memory. Weights have the same
// address in all lanes of a workgroup (one block of outputs each), which uniform buffers serve at register speed.
struct Params {
  batch: i32, height: i32, width: i32,
  a4: i32, b4: i32, a_shift: u32,
  out4: i32, first_block: i32, block_vec4s: i32,
  accumulate: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<vec4f>;
@group(0) @binding(2) var<storage, read> b: array<vec4f>;
@group(0) @binding(3) var<uniform> w: array<vec4f, 4096>;
@group(0) @binding(4) var<storage, read> activated: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> y: array<vec4f>;

// 1: forward (bias, activation). 0: input gradient (activation_slope of \`activated\`, accumulate).
override FORWARD: u32 = 1u;

fn mac(acc: vec4f, v: vec4f, w0: vec4f, w1: vec4f, w2: vec4f, w3: vec4f) -> vec4f {
  return fma(w3, vec4f(v.w), fma(w2, vec4f(v.z), fma(w1, vec4f(v.y), fma(w0, vec4f(v.x), acc))));
}

fn store(at: i32, value: vec4f) {
  if (FORWARD == 1u) {
    y[at] = activate(value);
  } else {
    var gradient = value * activation_slope(activated[at]);
    if (params.accumulate != 0) { gradient += y[at]; }
    y[at] = gradient;
  }
}

@compute @workgroup_size(64)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let height = params.height;
  let width = params.width;
  let runs = (width + 7) / 8;
  let run = i32(id.x + id.y * groups.x * 64u);
  if (run >= params.batch * height * runs) { return; }
  let x0 = (run % runs) * 8;
  let row = (run / runs) % height;
  let n = run / (runs * height);
  let block = i32(group.z) * params.block_vec4s;
  let in4 = params.a4 + params.b4;

  // Columns x0-1 .. x0+8, kept inside the row for the load; those outside count as zero.
  let c0 = clamp(x0 + -1, 0, width - 1);
  let c1 = clamp(x0 + 0, 0, width - 1);
  let c2 = clamp(x0 + 1, 0, width - 1);
  let c3 = clamp(x0 + 2, 0, width - 1);
  let c4 = clamp(x0 + 3, 0, width - 1);
  let c5 = clamp(x0 + 4, 0, width - 1);
  let c6 = clamp(x0 + 5, 0, width - 1);
  let c7 = clamp(x0 + 6, 0, width - 1);
  let c8 = clamp(x0 + 7, 0, width - 1);
  let c9 = clamp(x0 + 8, 0, width - 1);
  let left = x0 > 0;
  let inside2 = x0 + 1 < width;
  let inside3 = x0 + 2 < width;
  let inside4 = x0 + 3 < width;
  let inside5 = x0 + 4 < width;
  let inside6 = x0 + 5 < width;
  let inside7 = x0 + 6 < width;
  let inside8 = x0 + 7 < width;
  let inside9 = x0 + 8 < width;

  let bias = block + 72 * in4;
  var s00 = w[bias + 0];
  var s10 = w[bias + 0];
  var s20 = w[bias + 0];
  var s30 = w[bias + 0];
  var s40 = w[bias + 0];
  var s50 = w[bias + 0];
  var s60 = w[bias + 0];
  var s70 = w[bias + 0];
  var s01 = w[bias + 1];
  var s11 = w[bias + 1];
  var s21 = w[bias + 1];
  var s31 = w[bias + 1];
  var s41 = w[bias + 1];
  var s51 = w[bias + 1];
  var s61 = w[bias + 1];
  var s71 = w[bias + 1];

  for (var c = 0; c < in4; c++) {
    for (var ky = 0; ky < 3; ky++) {
      let source_row = row + ky - 1;
      if (source_row < 0 || source_row >= height) { continue; }
      var v0: vec4f;
      var v1: vec4f;
      var v2: vec4f;
      var v3: vec4f;
      var v4: vec4f;
      var v5: vec4f;
      var v6: vec4f;
      var v7: vec4f;
      var v8: vec4f;
      var v9: vec4f;
      if (c < params.a4) {
        let shift = params.a_shift;
        let base = (n * (height >> shift) + (source_row >> shift)) * (width >> shift);
        v0 = a[(base + (c0 >> shift)) * params.a4 + c];
        v1 = a[(base + (c1 >> shift)) * params.a4 + c];
        v2 = a[(base + (c2 >> shift)) * params.a4 + c];
        v3 = a[(base + (c3 >> shift)) * params.a4 + c];
        v4 = a[(base + (c4 >> shift)) * params.a4 + c];
        v5 = a[(base + (c5 >> shift)) * params.a4 + c];
        v6 = a[(base + (c6 >> shift)) * params.a4 + c];
        v7 = a[(base + (c7 >> shift)) * params.a4 + c];
        v8 = a[(base + (c8 >> shift)) * params.a4 + c];
        v9 = a[(base + (c9 >> shift)) * params.a4 + c];
      } else {
        let base = (n * height + source_row) * width;
        let channel = c - params.a4;
        v0 = b[(base + c0) * params.b4 + channel];
        v1 = b[(base + c1) * params.b4 + channel];
        v2 = b[(base + c2) * params.b4 + channel];
        v3 = b[(base + c3) * params.b4 + channel];
        v4 = b[(base + c4) * params.b4 + channel];
        v5 = b[(base + c5) * params.b4 + channel];
        v6 = b[(base + c6) * params.b4 + channel];
        v7 = b[(base + c7) * params.b4 + channel];
        v8 = b[(base + c8) * params.b4 + channel];
        v9 = b[(base + c9) * params.b4 + channel];
      }
      v0 = select(vec4f(), v0, left);
      v2 = select(vec4f(), v2, inside2);
      v3 = select(vec4f(), v3, inside3);
      v4 = select(vec4f(), v4, inside4);
      v5 = select(vec4f(), v5, inside5);
      v6 = select(vec4f(), v6, inside6);
      v7 = select(vec4f(), v7, inside7);
      v8 = select(vec4f(), v8, inside8);
      v9 = select(vec4f(), v9, inside9);
      let tap = block + (ky * 3 * in4 + c) * 8;
      {
        let t = tap;
        let w00 = w[t + 0];
        let w10 = w[t + 2];
        let w20 = w[t + 4];
        let w30 = w[t + 6];
        s00 = mac(s00, v0, w00, w10, w20, w30);
        s10 = mac(s10, v1, w00, w10, w20, w30);
        s20 = mac(s20, v2, w00, w10, w20, w30);
        s30 = mac(s30, v3, w00, w10, w20, w30);
        s40 = mac(s40, v4, w00, w10, w20, w30);
        s50 = mac(s50, v5, w00, w10, w20, w30);
        s60 = mac(s60, v6, w00, w10, w20, w30);
        s70 = mac(s70, v7, w00, w10, w20, w30);
        let w01 = w[t + 1];
        let w11 = w[t + 3];
        let w21 = w[t + 5];
        let w31 = w[t + 7];
        s01 = mac(s01, v0, w01, w11, w21, w31);
        s11 = mac(s11, v1, w01, w11, w21, w31);
        s21 = mac(s21, v2, w01, w11, w21, w31);
        s31 = mac(s31, v3, w01, w11, w21, w31);
        s41 = mac(s41, v4, w01, w11, w21, w31);
        s51 = mac(s51, v5, w01, w11, w21, w31);
        s61 = mac(s61, v6, w01, w11, w21, w31);
        s71 = mac(s71, v7, w01, w11, w21, w31);
      }
      {
        let t = tap + in4 * 8;
        let w00 = w[t + 0];
        let w10 = w[t + 2];
        let w20 = w[t + 4];
        let w30 = w[t + 6];
        s00 = mac(s00, v1, w00, w10, w20, w30);
        s10 = mac(s10, v2, w00, w10, w20, w30);
        s20 = mac(s20, v3, w00, w10, w20, w30);
        s30 = mac(s30, v4, w00, w10, w20, w30);
        s40 = mac(s40, v5, w00, w10, w20, w30);
        s50 = mac(s50, v6, w00, w10, w20, w30);
        s60 = mac(s60, v7, w00, w10, w20, w30);
        s70 = mac(s70, v8, w00, w10, w20, w30);
        let w01 = w[t + 1];
        let w11 = w[t + 3];
        let w21 = w[t + 5];
        let w31 = w[t + 7];
        s01 = mac(s01, v1, w01, w11, w21, w31);
        s11 = mac(s11, v2, w01, w11, w21, w31);
        s21 = mac(s21, v3, w01, w11, w21, w31);
        s31 = mac(s31, v4, w01, w11, w21, w31);
        s41 = mac(s41, v5, w01, w11, w21, w31);
        s51 = mac(s51, v6, w01, w11, w21, w31);
        s61 = mac(s61, v7, w01, w11, w21, w31);
        s71 = mac(s71, v8, w01, w11, w21, w31);
      }
      {
        let t = tap + 2 * in4 * 8;
        let w00 = w[t + 0];
        let w10 = w[t + 2];
        let w20 = w[t + 4];
        let w30 = w[t + 6];
        s00 = mac(s00, v2, w00, w10, w20, w30);
        s10 = mac(s10, v3, w00, w10, w20, w30);
        s20 = mac(s20, v4, w00, w10, w20, w30);
        s30 = mac(s30, v5, w00, w10, w20, w30);
        s40 = mac(s40, v6, w00, w10, w20, w30);
        s50 = mac(s50, v7, w00, w10, w20, w30);
        s60 = mac(s60, v8, w00, w10, w20, w30);
        s70 = mac(s70, v9, w00, w10, w20, w30);
        let w01 = w[t + 1];
        let w11 = w[t + 3];
        let w21 = w[t + 5];
        let w31 = w[t + 7];
        s01 = mac(s01, v2, w01, w11, w21, w31);
        s11 = mac(s11, v3, w01, w11, w21, w31);
        s21 = mac(s21, v4, w01, w11, w21, w31);
        s31 = mac(s31, v5, w01, w11, w21, w31);
        s41 = mac(s41, v6, w01, w11, w21, w31);
        s51 = mac(s51, v7, w01, w11, w21, w31);
        s61 = mac(s61, v8, w01, w11, w21, w31);
        s71 = mac(s71, v9, w01, w11, w21, w31);
      }
    }
  }

  let first = (params.first_block + i32(group.z)) * 2;
  let at = ((n * height + row) * width + x0) * params.out4 + first;
  let two = first + 1 < params.out4;
  store(at + 0 * params.out4, s00);
  if (two) { store(at + 0 * params.out4 + 1, s01); }
  if (inside2) {
    store(at + 1 * params.out4, s10);
    if (two) { store(at + 1 * params.out4 + 1, s11); }
  }
  if (inside3) {
    store(at + 2 * params.out4, s20);
    if (two) { store(at + 2 * params.out4 + 1, s21); }
  }
  if (inside4) {
    store(at + 3 * params.out4, s30);
    if (two) { store(at + 3 * params.out4 + 1, s31); }
  }
  if (inside5) {
    store(at + 4 * params.out4, s40);
    if (two) { store(at + 4 * params.out4 + 1, s41); }
  }
  if (inside6) {
    store(at + 5 * params.out4, s50);
    if (two) { store(at + 5 * params.out4 + 1, s51); }
  }
  if (inside7) {
    store(at + 6 * params.out4, s60);
    if (two) { store(at + 6 * params.out4 + 1, s61); }
  }
  if (inside8) {
    store(at + 7 * params.out4, s70);
    if (two) { store(at + 7 * params.out4 + 1, s71); }
  }
}
`,conv2d_weight_grad_naive:`// Weight gradient of a k×k convolution, any stride:
// dw[ky,kx,c,o] = sum over n,y,x of x[n, y·stride+ky-r, x·stride+kx-r, c] * dy[n,y,x,o].
// x: one source [N,H,W,4·in4] f32 (of half the size when params.shift = 1), dy: [N,OH,OW,4·out4] f32,
// partials: [slices][k·k][4·total4 inputs][out4] vec4; sum_slices adds the slices in order.
// An invocation owns one tap, four inputs by four outputs, and walks the output rows of its slice.
struct Params {
  batch: i32, height: i32, width: i32, out_height: i32, out_width: i32,
  in4: i32, out4: i32, shift: u32, first4: i32, total4: i32,
  slices: i32, rows: i32, kernel: i32, stride: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> dy: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> partials: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let taps = params.kernel * params.kernel;
  let blocks = taps * params.in4 * params.out4;
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= blocks * params.slices) { return; }
  let slice = index / blocks;
  let o = index % params.out4;
  let c = (index / params.out4) % params.in4;
  let tap = (index / (params.out4 * params.in4)) % taps;
  let radius = (params.kernel - 1) / 2;
  let ky = tap / params.kernel - radius;
  let kx = tap % params.kernel - radius;
  var s0 = vec4f();
  var s1 = vec4f();
  var s2 = vec4f();
  var s3 = vec4f();
  let end = min((slice + 1) * params.rows, params.batch * params.out_height);
  for (var out_row = slice * params.rows; out_row < end; out_row++) {
    let n = out_row / params.out_height;
    let row = (out_row % params.out_height) * params.stride + ky;
    if (row < 0 || row >= params.height) { continue; }
    let base = (n * (params.height >> params.shift) + (row >> params.shift)) * (params.width >> params.shift);
    for (var out_column = 0; out_column < params.out_width; out_column++) {
      let column = out_column * params.stride + kx;
      if (column < 0 || column >= params.width) { continue; }
      let v = x[(base + (column >> params.shift)) * params.in4 + c];
      let d = dy[(out_row * params.out_width + out_column) * params.out4 + o];
      s0 = fma(vec4f(v.x), d, s0);
      s1 = fma(vec4f(v.y), d, s1);
      s2 = fma(vec4f(v.z), d, s2);
      s3 = fma(vec4f(v.w), d, s3);
    }
  }
  let at = ((slice * taps + tap) * params.total4 + params.first4 + c) * 4 * params.out4 + o;
  partials[at] = s0;
  partials[at + params.out4] = s1;
  partials[at + 2 * params.out4] = s2;
  partials[at + 3 * params.out4] = s3;
}
`,conv2d_weight_grad_rows:`// Weight gradient of a 3×3 convolution with stride 1: dw[ky,kx,c,o] = sum over n,y,x of x[n, y+ky-1, x+kx-1, c] * dy[n,y,x,o].
// x: one source [N,H,W,4·in4] f32 (half the size when params.shift = 1: nearest upsampling by the address), dy: [N,H,W,4·out4] f32,
// partials: [slices][9][all inputs, 4·total4][out4] vec4 f32; sum_slices adds the slices in order, so the same run gives the same bits.
// An invocation owns 4 inputs by 4 outputs for all nine taps (36 vec4 accumulators) and walks the rows of its slice from left to right,
// so that each column of x is loaded once and used for three taps in x.
struct Params {
  batch: i32, height: i32, width: i32,
  in4: i32, out4: i32, shift: u32,
  first4: i32, total4: i32,
  slices: i32, rows: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> dy: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> partials: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let blocks = params.in4 * params.out4;
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= blocks * params.slices) { return; }
  let slice = index / blocks;
  let o = (index % blocks) % params.out4;
  let c = (index % blocks) / params.out4;
  let height = params.height;
  let width = params.width;
  let shift = params.shift;
  let in4 = params.in4;
  var s00 = vec4f();
  var s01 = vec4f();
  var s02 = vec4f();
  var s03 = vec4f();
  var s10 = vec4f();
  var s11 = vec4f();
  var s12 = vec4f();
  var s13 = vec4f();
  var s20 = vec4f();
  var s21 = vec4f();
  var s22 = vec4f();
  var s23 = vec4f();
  var s30 = vec4f();
  var s31 = vec4f();
  var s32 = vec4f();
  var s33 = vec4f();
  var s40 = vec4f();
  var s41 = vec4f();
  var s42 = vec4f();
  var s43 = vec4f();
  var s50 = vec4f();
  var s51 = vec4f();
  var s52 = vec4f();
  var s53 = vec4f();
  var s60 = vec4f();
  var s61 = vec4f();
  var s62 = vec4f();
  var s63 = vec4f();
  var s70 = vec4f();
  var s71 = vec4f();
  var s72 = vec4f();
  var s73 = vec4f();
  var s80 = vec4f();
  var s81 = vec4f();
  var s82 = vec4f();
  var s83 = vec4f();

  let end = min((slice + 1) * params.rows, params.batch * height);
  for (var row = slice * params.rows; row < end; row++) {
    let n = row / height;
    let y = row % height;
    let above = y > 0;
    let below = y + 1 < height;
    let base0 = (n * (height >> shift) + (max(y - 1, 0) >> shift)) * (width >> shift);
    let base1 = (n * (height >> shift) + (y >> shift)) * (width >> shift);
    let base2 = (n * (height >> shift) + (min(y + 1, height - 1) >> shift)) * (width >> shift);
    var l0 = vec4f();
    var l1 = vec4f();
    var l2 = vec4f();
    var m0 = select(vec4f(), x[base0 * in4 + c], above);
    var m1 = x[base1 * in4 + c];
    var m2 = select(vec4f(), x[base2 * in4 + c], below);
    for (var column = 0; column < width; column++) {
      let d = dy[(row * width + column) * params.out4 + o];
      let inside = column + 1 < width;
      let next = min(column + 1, width - 1) >> shift;
      let r0 = select(vec4f(), x[(base0 + next) * in4 + c], above && inside);
      let r1 = select(vec4f(), x[(base1 + next) * in4 + c], inside);
      let r2 = select(vec4f(), x[(base2 + next) * in4 + c], below && inside);
      s00 = fma(vec4f(l0.x), d, s00);
      s01 = fma(vec4f(l0.y), d, s01);
      s02 = fma(vec4f(l0.z), d, s02);
      s03 = fma(vec4f(l0.w), d, s03);
      s10 = fma(vec4f(m0.x), d, s10);
      s11 = fma(vec4f(m0.y), d, s11);
      s12 = fma(vec4f(m0.z), d, s12);
      s13 = fma(vec4f(m0.w), d, s13);
      s20 = fma(vec4f(r0.x), d, s20);
      s21 = fma(vec4f(r0.y), d, s21);
      s22 = fma(vec4f(r0.z), d, s22);
      s23 = fma(vec4f(r0.w), d, s23);
      s30 = fma(vec4f(l1.x), d, s30);
      s31 = fma(vec4f(l1.y), d, s31);
      s32 = fma(vec4f(l1.z), d, s32);
      s33 = fma(vec4f(l1.w), d, s33);
      s40 = fma(vec4f(m1.x), d, s40);
      s41 = fma(vec4f(m1.y), d, s41);
      s42 = fma(vec4f(m1.z), d, s42);
      s43 = fma(vec4f(m1.w), d, s43);
      s50 = fma(vec4f(r1.x), d, s50);
      s51 = fma(vec4f(r1.y), d, s51);
      s52 = fma(vec4f(r1.z), d, s52);
      s53 = fma(vec4f(r1.w), d, s53);
      s60 = fma(vec4f(l2.x), d, s60);
      s61 = fma(vec4f(l2.y), d, s61);
      s62 = fma(vec4f(l2.z), d, s62);
      s63 = fma(vec4f(l2.w), d, s63);
      s70 = fma(vec4f(m2.x), d, s70);
      s71 = fma(vec4f(m2.y), d, s71);
      s72 = fma(vec4f(m2.z), d, s72);
      s73 = fma(vec4f(m2.w), d, s73);
      s80 = fma(vec4f(r2.x), d, s80);
      s81 = fma(vec4f(r2.y), d, s81);
      s82 = fma(vec4f(r2.z), d, s82);
      s83 = fma(vec4f(r2.w), d, s83);
      l0 = m0;
      m0 = r0;
      l1 = m1;
      m1 = r1;
      l2 = m2;
      m2 = r2;
    }
  }

  let taps = params.total4 * 4 * params.out4;
  let at = slice * 9 * taps + (params.first4 + c) * 4 * params.out4 + o;
  partials[at + 0 * taps + 0 * params.out4] = s00;
  partials[at + 0 * taps + 1 * params.out4] = s01;
  partials[at + 0 * taps + 2 * params.out4] = s02;
  partials[at + 0 * taps + 3 * params.out4] = s03;
  partials[at + 1 * taps + 0 * params.out4] = s10;
  partials[at + 1 * taps + 1 * params.out4] = s11;
  partials[at + 1 * taps + 2 * params.out4] = s12;
  partials[at + 1 * taps + 3 * params.out4] = s13;
  partials[at + 2 * taps + 0 * params.out4] = s20;
  partials[at + 2 * taps + 1 * params.out4] = s21;
  partials[at + 2 * taps + 2 * params.out4] = s22;
  partials[at + 2 * taps + 3 * params.out4] = s23;
  partials[at + 3 * taps + 0 * params.out4] = s30;
  partials[at + 3 * taps + 1 * params.out4] = s31;
  partials[at + 3 * taps + 2 * params.out4] = s32;
  partials[at + 3 * taps + 3 * params.out4] = s33;
  partials[at + 4 * taps + 0 * params.out4] = s40;
  partials[at + 4 * taps + 1 * params.out4] = s41;
  partials[at + 4 * taps + 2 * params.out4] = s42;
  partials[at + 4 * taps + 3 * params.out4] = s43;
  partials[at + 5 * taps + 0 * params.out4] = s50;
  partials[at + 5 * taps + 1 * params.out4] = s51;
  partials[at + 5 * taps + 2 * params.out4] = s52;
  partials[at + 5 * taps + 3 * params.out4] = s53;
  partials[at + 6 * taps + 0 * params.out4] = s60;
  partials[at + 6 * taps + 1 * params.out4] = s61;
  partials[at + 6 * taps + 2 * params.out4] = s62;
  partials[at + 6 * taps + 3 * params.out4] = s63;
  partials[at + 7 * taps + 0 * params.out4] = s70;
  partials[at + 7 * taps + 1 * params.out4] = s71;
  partials[at + 7 * taps + 2 * params.out4] = s72;
  partials[at + 7 * taps + 3 * params.out4] = s73;
  partials[at + 8 * taps + 0 * params.out4] = s80;
  partials[at + 8 * taps + 1 * params.out4] = s81;
  partials[at + 8 * taps + 2 * params.out4] = s82;
  partials[at + 8 * taps + 3 * params.out4] = s83;
}
`,loss:`// Mean loss over all elements and its gradient. d = y - target, M = number of elements (pixels · channels):
// KIND 0, MSE: sum d² / M, dy = 2d / M. KIND 1, L1: sum |d| / M, dy = sign(d) / M.
// KIND 2, Charbonnier (Charbonnier et al. 1994): sum sqrt(d² + ε²) / M, dy = d / sqrt(d² + ε²) / M, ε = 1e-3.
// y, target, dy: [pixels][c4] vec4 f32, lanes beyond \`params.channels\` zero; partials: one vec4 a slice (loss in x), summed by sum_slices.
// WEIGHTED 1: the terms and gradients of image n are multiplied by weights[n] (packed four to a vec4).
// An invocation owns one slice of the vec4s.
struct Params { count: i32, c4: i32, channels: i32, slice_vec4s: i32, slices: i32, image_vec4s: i32, scale: f32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> y: array<vec4f>;
@group(0) @binding(2) var<storage, read> goal: array<vec4f>;
@group(0) @binding(3) var<storage, read> weights: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> dy: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> partials: array<vec4f>;

override KIND: u32 = 0u;
override WEIGHTED: u32 = 0u;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let slice = i32(id.x + id.y * groups.x * 64u);
  if (slice >= params.slices) { return; }
  let end = min((slice + 1) * params.slice_vec4s, params.count);
  var sum = vec4f();
  for (var index = slice * params.slice_vec4s; index < end; index++) {
    let d = y[index] - goal[index];
    // Lanes that hold no channel must not count: the Charbonnier loss of zero is ε.
    let lane = vec4i((index % params.c4) * 4) + vec4i(0, 1, 2, 3);
    let counts = lane < vec4i(params.channels);
    var value: vec4f;
    var gradient: vec4f;
    if (KIND == 0u) {
      value = d * d;
      gradient = 2.0 * d;
    } else if (KIND == 1u) {
      value = abs(d);
      gradient = sign(d);
    } else {
      value = sqrt(d * d + vec4f(1e-6));
      gradient = d / value;
    }
    if (WEIGHTED == 1u) {
      let image = index / params.image_vec4s;
      let weight = weights[image / 4][image % 4];
      value *= weight;
      gradient *= weight;
    }
    sum += select(vec4f(), value, counts);
    dy[index] = select(vec4f(), gradient * params.scale, counts);
  }
  partials[slice] = vec4f(((sum.x + sum.y) + (sum.z + sum.w)) * params.scale, 0.0, 0.0, 0.0);
}
`,max_pool:`// Max-pooling 2×2, stride 2: y[n,y,x,c] = max of x[n, 2y..2y+1, 2x..2x+1, c]; a window past the edge takes what is inside.
// x: [N,H,W,4·c4] f32, y: [N,⌈H/2⌉,⌈W/2⌉,4·c4] f32, argmax: one u32 a vec4, 8 bits a channel: the winner's place in the window (2·dy + dx);
// of equals the first wins. An invocation owns four channels of one output pixel.
struct Params { batch: i32, height: i32, width: i32, c4: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> argmax: array<u32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let out_height = (params.height + 1) / 2;
  let out_width = (params.width + 1) / 2;
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * out_height * out_width * params.c4) { return; }
  let c = index % params.c4;
  let pixel = index / params.c4;
  let column = (pixel % out_width) * 2;
  let row = ((pixel / out_width) % out_height) * 2;
  let n = pixel / (out_width * out_height);
  let at = ((n * params.height + row) * params.width + column) * params.c4 + c;
  var best = x[at];
  var place = vec4u();
  let right = column + 1 < params.width;
  let below = row + 1 < params.height;
  if (right) {
    let v = x[at + params.c4];
    let wins = v > best;
    best = select(best, v, wins);
    place = select(place, vec4u(1u), wins);
  }
  if (below) {
    let v = x[at + params.width * params.c4];
    let wins = v > best;
    best = select(best, v, wins);
    place = select(place, vec4u(2u), wins);
  }
  if (right && below) {
    let v = x[at + (params.width + 1) * params.c4];
    let wins = v > best;
    best = select(best, v, wins);
    place = select(place, vec4u(3u), wins);
  }
  y[index] = best;
  argmax[index] = place.x | (place.y << 8u) | (place.z << 16u) | (place.w << 24u);
}
`,max_pool_grad:`// Gradient of max-pooling 2×2: dx[n,y,x,c] = activation_slope(x) * (dy[n, y/2, x/2, c] where this pixel was its window's winner, else 0).
// dy: [N,⌈H/2⌉,⌈W/2⌉,4·c4] f32, argmax as max_pool wrote it, activated: the pooled tensor x, dx: [N,H,W,4·c4] f32;
// added to what dx holds when params.accumulate is set. An invocation owns four channels of one pixel of dx.
struct Params { batch: i32, height: i32, width: i32, c4: i32, accumulate: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read> argmax: array<u32>;
@group(0) @binding(3) var<storage, read> activated: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> dx: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * params.height * params.width * params.c4) { return; }
  let out_height = (params.height + 1) / 2;
  let out_width = (params.width + 1) / 2;
  let c = index % params.c4;
  let pixel = index / params.c4;
  let column = pixel % params.width;
  let row = (pixel / params.width) % params.height;
  let n = pixel / (params.width * params.height);
  let window = ((n * out_height + row / 2) * out_width + column / 2) * params.c4 + c;
  let place = u32((row % 2) * 2 + column % 2);
  let winners = (vec4u(argmax[window]) >> vec4u(0u, 8u, 16u, 24u)) & vec4u(255u);
  var gradient = select(vec4f(), dy[window], winners == vec4u(place)) * activation_slope(activated[index]);
  if (params.accumulate != 0) { gradient += dx[index]; }
  dx[index] = gradient;
}
`,squared_norm:`// Partial sums of squares of all gradients, for the global norm: partials[s] = sum over slice s of g².
// g: [count] vec4 f32, partials: one vec4 a slice (value in x), summed by sum_slices. An invocation owns one slice.
struct Params { count: i32, slice_vec4s: i32, slices: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> g: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> partials: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let slice = i32(id.x + id.y * groups.x * 64u);
  if (slice >= params.slices) { return; }
  let end = min((slice + 1) * params.slice_vec4s, params.count);
  var sum = vec4f();
  for (var index = slice * params.slice_vec4s; index < end; index++) { sum = fma(g[index], g[index], sum); }
  partials[slice] = vec4f((sum.x + sum.y) + (sum.z + sum.w), 0.0, 0.0, 0.0);
}
`,sum_slices:`// total[i] = sum over s of partials[s][i], in the order of s: the second half of every reduction, and why it is repeatable.
// partials: [slices][count] vec4 f32, total: [count] vec4 f32; added to what total holds when params.accumulate is set.
struct Params { count: i32, slices: i32, accumulate: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> partials: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> total: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  var sum = vec4f();
  if (params.accumulate != 0) { sum = total[index]; }
  for (var slice = 0; slice < params.slices; slice++) { sum += partials[slice * params.count + index]; }
  total[index] = sum;
}
`,upsample:`// Upsampling 2×: y[n,y,x,c] from x[n, y/2, x/2, c] (nearest), or interpolated between the four nearest pixel centres,
// those past the edge taken as the edge (bilinear). x: [N,H,W,4·c4] f32, y: [N,2H,2W,4·c4] f32. An invocation owns four channels of one output pixel.
struct Params { batch: i32, height: i32, width: i32, c4: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;

override BILINEAR: u32 = 0u;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * params.height * params.width * 4 * params.c4) { return; }
  let c = index % params.c4;
  let pixel = index / params.c4;
  let column = pixel % (params.width * 2);
  let row = (pixel / (params.width * 2)) % (params.height * 2);
  let n = pixel / (params.width * params.height * 4);
  let near_row = n * params.height + row / 2;
  let near_column = column / 2;
  let near = x[(near_row * params.width + near_column) * params.c4 + c];
  if (BILINEAR == 0u) {
    y[index] = near;
  } else {
    // An output centre lies a quarter pixel from its nearest source centre: towards the one before it when even, after it when odd.
    let far_row = n * params.height + clamp(row / 2 + (row % 2) * 2 - 1, 0, params.height - 1);
    let far_column = clamp(column / 2 + (column % 2) * 2 - 1, 0, params.width - 1);
    let beside = x[(near_row * params.width + far_column) * params.c4 + c];
    let over = x[(far_row * params.width + near_column) * params.c4 + c];
    let across = x[(far_row * params.width + far_column) * params.c4 + c];
    y[index] = 0.5625 * near + 0.1875 * (beside + over) + 0.0625 * across;
  }
}
`,upsample_grad:`// Gradient of upsampling 2×: dx[n,y,x,c] = activation_slope(x) * sum of dy times the share that this pixel had in it.
// Nearest: the four pixels of dy that copied it. Bilinear: rows 2y-1 .. 2y+2 and columns likewise with 1/4, 3/4, 3/4, 1/4,
// where the edge pixel also has the share of the pixel that is missing beyond it.
// dy: [N,2H,2W,4·c4] f32, activated: the upsampled tensor x, dx: [N,H,W,4·c4] f32; added to what dx holds when params.accumulate is set.
// An invocation owns four channels of one pixel of dx.
struct Params { batch: i32, height: i32, width: i32, c4: i32, accumulate: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read> activated: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> dx: array<vec4f>;

override BILINEAR: u32 = 0u;

// Share of source pixel \`at\` in upsampled pixel \`fine\`, along one axis.
fn share(fine: i32, at: i32, extent: i32) -> f32 {
  let near = fine / 2;
  let far = clamp(near + (fine % 2) * 2 - 1, 0, extent - 1);
  return select(0.0, 0.75, near == at) + select(0.0, 0.25, far == at);
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * params.height * params.width * params.c4) { return; }
  let c = index % params.c4;
  let pixel = index / params.c4;
  let column = pixel % params.width;
  let row = (pixel / params.width) % params.height;
  let n = pixel / (params.width * params.height);
  let fine_width = params.width * 2;
  let fine_row = n * params.height * 2;
  var gradient = vec4f();
  if (BILINEAR == 0u) {
    let at = ((fine_row + row * 2) * fine_width + column * 2) * params.c4 + c;
    gradient = (dy[at] + dy[at + params.c4]) + (dy[at + fine_width * params.c4] + dy[at + (fine_width + 1) * params.c4]);
  } else {
    for (var y = max(row * 2 - 1, 0); y < min(row * 2 + 3, params.height * 2); y++) {
      let vertical = share(y, row, params.height);
      for (var x = max(column * 2 - 1, 0); x < min(column * 2 + 3, fine_width); x++) {
        gradient += (vertical * share(x, column, params.width)) * dy[((fine_row + y) * fine_width + x) * params.c4 + c];
      }
    }
  }
  gradient *= activation_slope(activated[index]);
  if (params.accumulate != 0) { gradient += dx[index]; }
  dx[index] = gradient;
}
`};function kr(r,e){let t=r.prelude??[];for(let o of t)if(e[o]===void 0)throw new v(`Cannot compile ${r.name}: the constant ${o} is not given`);let a=[...t.map(o=>`const ${o} = ${e[o]};
`),...(r.includes??[]).map(o=>Ce[o]),Ce[r.name]].join(""),n=Object.fromEntries(Object.entries(e).filter(([o])=>!t.includes(o)));return{code:a,overrides:n}}async function ft(r,e,t){let{code:a,overrides:n}=kr(e,t),o={read:"read-only-storage",read_write:"storage",uniform:"uniform"};r.pushErrorScope("validation");let s=r.createShaderModule({label:e.name,code:a}),i=r.createBindGroupLayout({label:e.name,entries:["uniform",...Object.values(e.bindings)].map((p,d)=>({binding:d,visibility:GPUShaderStage.COMPUTE,buffer:{type:o[p]}}))}),c=r.createComputePipeline({label:e.name,layout:r.createPipelineLayout({bindGroupLayouts:[i]}),compute:{module:s,entryPoint:"main",constants:n}}),l=await r.popErrorScope();if(l)throw new v(`Cannot compile ${e.name} ${JSON.stringify(t)}: ${l.message}`);return{kernel:e,pipeline:c,layout:i}}var Tr=/llvmpipe|lavapipe|swiftshader|softpipe|basic render|warp/i;function Sr(){let r=globalThis.Deno;if(r)try{r.build.os==="linux"&&!r.env.get("DENO_WEBGPU_BACKEND")&&r.env.set("DENO_WEBGPU_BACKEND","vulkan"),r.build.os==="linux"&&!r.env.get("XDG_RUNTIME_DIR")&&r.env.set("XDG_RUNTIME_DIR","/tmp")}catch{}}async function Pr(){Sr();let r=await globalThis.navigator?.gpu?.requestAdapter({powerPreference:"high-performance"})??void 0;if(!r)return;let{description:e,device:t,vendor:a,architecture:n}=r.info,o=e||t||`${a} ${n}`.trim()||"unnamed adapter";return{adapter:r,summary:{name:o,vendor:a,architecture:n,software:Tr.test(`${o} ${a} ${n}`),features:[...r.features].sort()}}}async function ht(){let r=await Pr();if(!r)throw new x("No WebGPU adapter found: install a Vulkan driver (on Debian or Ubuntu: apt-get install mesa-vulkan-drivers)");let{adapter:e,summary:t}=r,a=["timestamp-query","shader-f16"],{limits:n}=e,o=await e.requestDevice({requiredFeatures:a.filter(s=>e.features.has(s)),requiredLimits:{maxStorageBufferBindingSize:n.maxStorageBufferBindingSize,maxBufferSize:n.maxBufferSize,maxUniformBufferBindingSize:n.maxUniformBufferBindingSize,maxComputeWorkgroupStorageSize:n.maxComputeWorkgroupStorageSize}});return new Fe(o,t)}var Fe=class{device;adapter;#e=new Set;#r=0;#t=0;#n=new Map;#a;#o=!1;constructor(e,t){this.device=e,this.adapter=t,e.lost.then(a=>{this.#o||(this.#a??=new me(`The GPU device was lost: ${a.message||a.reason}`))}),e.addEventListener("uncapturederror",a=>{let{error:n}=a;a.preventDefault(),this.#a??=n instanceof GPUOutOfMemoryError?new O(`The GPU is out of memory: ${n.message}`):new v(`The GPU refused a command: ${n.message}`)})}check(){if(this.#o)throw new v("Cannot use a Gpu that was disposed");if(this.#a)throw this.#a}buffer(e,t,a){this.check();let n=Math.max(16,Math.ceil(t/4)*4);if(n>this.device.limits.maxBufferSize||n>this.device.limits.maxStorageBufferBindingSize)throw new O(`Cannot make the buffer ${e}: ${n} bytes are more than the adapter binds at once`);let o=this.device.createBuffer({label:e,size:n,usage:a});return this.#e.add(o),this.#r+=n,this.#t=Math.max(this.#t,this.#r),o}release(e){this.#e.delete(e)&&(this.#r-=e.size,e.destroy())}write(e,t,a){if(t%4!==0||t<0||t+a.byteLength>e.size)throw new v(`Cannot write ${a.byteLength} bytes at ${t} of ${e.label||"a buffer"}: it has ${e.size}`);this.device.queue.writeBuffer(e,t,a)}kernel(e,t={}){let a=`${e.name} ${JSON.stringify(Object.entries(t).sort())}`,n=this.#n.get(a);return n||ft(this.device,e,t).then(o=>(this.#n.set(a,o),o))}stats(){return{liveBytes:this.#r,peakBytes:this.#t,liveBuffers:this.#e.size}}[Symbol.dispose](){if(!this.#o){this.#o=!0;for(let e of this.#e)e.destroy();this.#e.clear(),this.#r=0,this.#n.clear(),this.device.destroy()}}};function P(r){return r.reduce((e,t)=>e*t,1)}function T(r){return Math.ceil(r/4)*4}function _(r){return r.join("×")}function V(r,e){return Math.ceil(r/e)}function I(r){let{channels:e,widths:t,encoderBlocks:a,decoderBlocks:n,activation:o,down:s,up:i,residual:c,residualBlocks:l}=r,p=[],d=[],u=(g,b,A,k,$,D=1,E=3)=>{p.push({op:"conv2d",name:g,inputs:b,output:g,kernel:E,stride:D,inChannels:A,outChannels:k,activation:$});let W=A.reduce((S,M)=>S+M,0);return d.push({name:`${g}.weight`,shape:[E,E,W,k]},{name:`${g}.bias`,shape:[k]}),g},m=(g,b,A)=>{let k=u(g,[b],[A],A,o);return l?(p.push({op:"add",inputs:[b,k],output:`${g}.sum`}),`${g}.sum`):k},w=t.length-1,h=[],f="image",y=e;for(let g=0;g<=w;g++){g>0&&(h.push(f),s==="stride"?(f=u(`down${g}`,[f],[y],t[g],o,2),y=t[g]):(p.push({op:"maxPool",input:f,output:`pool${g}`}),f=`pool${g}`)),f=u(`enc${g}.0`,[f],[y],t[g],o),y=t[g];for(let b=1;b<a[g];b++)f=m(`enc${g}.${b}`,f,y)}for(let g=w-1;g>=0;g--){p.push({op:"upsample",input:f,output:`up${g}`,mode:i}),f=u(`dec${g}.0`,[`up${g}`,h[g]],[y,t[g]],t[g],o),y=t[g];for(let b=1;b<n[g];b++)f=m(`dec${g}.${b}`,f,y)}return f=u("out",[f],[y],e,"none"),c&&(p.push({op:"add",inputs:["image",f],output:"restored"}),f="restored"),{nodes:p,parameters:d,output:f}}function fe(r={}){let{base:e=16,depth:t=(r.widths?.length??4)-1,blocks:a=2}=r,n=(l,p,d,u)=>{if(!Number.isInteger(p)||p<d||p>u)throw new RangeError(`Cannot make a U-Net: ${l} must be a whole number from ${d} to ${u}, got ${p}`)};n("base",e,1,512),n("depth",t,0,6),n("blocks",a,1,16);let o={channels:r.channels??3,widths:r.widths??Array.from({length:t+1},(l,p)=>e*2**p),encoderBlocks:r.encoderBlocks??Array(t+1).fill(a),decoderBlocks:r.decoderBlocks??Array(t).fill(a),activation:r.activation??"leaky-relu",down:r.down??"max-pool",up:r.up??"nearest",residual:r.residual??!0,residualBlocks:r.residualBlocks??!0};n("channels",o.channels,1,16);let{widths:s,encoderBlocks:i,decoderBlocks:c}=o;if(s.forEach(l=>n("a width",l,1,4096)),i.forEach(l=>n("a scale's encoder blocks",l,1,16)),c.forEach(l=>n("a scale's decoder blocks",l,1,16)),i.length!==s.length||c.length!==s.length-1)throw new RangeError(`Cannot make a U-Net: ${s.length} widths want ${s.length} encoder and ${s.length-1} decoder block counts, got ${i.length} and ${c.length}`);for(let[l,p,d]of[["activation",o.activation,["none","relu","leaky-relu"]],["down",o.down,["max-pool","stride"]],["up",o.up,["nearest","bilinear"]]])if(!d.includes(p))throw new RangeError(`Cannot make a U-Net: ${l} must be one of ${d.join(", ")}, got ${p}`);return o}function he(r){return 2**(r.widths.length-1)}var Mr=.1,$r=.5;function gt(r,e){let t=I(r),a=new Map,n=new Set(t.nodes.flatMap(s=>s.op==="add"?[`${s.inputs[1]}.weight`]:[]));for(let s of t.nodes)s.op==="conv2d"&&a.set(`${s.name}.weight`,s.activation);let o=new Map;return t.parameters.forEach(({name:s,shape:i},c)=>{let l=new Float32Array(P(i)),p=a.get(s);if(p!==void 0){let d=p==="none"?1:p==="leaky-relu"?.1:0,u=P(i.slice(0,-1)),w=(n.has(s)?s==="out.weight"?Mr:$r:1)*Math.sqrt(2/((1+d**2)*u)),h=new H(e,c);for(let f=0;f<l.length;f++)l[f]=w*h.normal()}o.set(s,l)}),o}var Ur=Uint32Array.from({length:256},(r,e)=>{let t=e;for(let a=0;a<8;a++)t=t&1?t>>>1^3988292384:t>>>1;return t});function re(r,e=0){let t=~e;for(let a=0;a<r.length;a++)t=Ur[(t^r[a])&255]^t>>>8;return~t>>>0}var J={F32:4,F16:2},Or=65504,Nr=1e8,ae="crc32",Ge="00000000";function yt(r){let e=[...r.tensors].map(([l,p])=>({name:l,...p,dtype:p.dtype??"F32"})).sort((l,p)=>J[p.dtype]-J[l.dtype]),t={__metadata__:{...r.metadata,[ae]:Ge}},a=0;for(let{name:l,shape:p,data:d,dtype:u}of e){if(d.length!==P(p))throw new RangeError(`Cannot store tensor "${l}": shape ${_(p)} has not ${d.length} values`);if(l==="__metadata__")throw new RangeError(`Cannot store a tensor of the reserved name "${l}"`);let m=a+d.length*J[u];t[l]={dtype:u,shape:p,data_offsets:[a,m]},a=m}let n=new TextEncoder().encode(JSON.stringify(t)),o=Math.ceil(n.length/8)*8,s=new Uint8Array(8+o+a);new DataView(s.buffer).setUint32(0,o,!0),s.fill(32,8,8+o),s.set(n,8);let i=8+o;for(let{name:l,data:p,dtype:d}of e){if(d==="F32")s.set(new Uint8Array(p.buffer,p.byteOffset,p.byteLength),i);else{let u=Gr(p,l);s.set(new Uint8Array(u.buffer),i)}i+=p.length*J[d]}let c=bt(s,o);return s.set(new TextEncoder().encode(xt(re(s))),c),s}function vt(r,e){let t=h=>{throw new x(`Cannot read ${Y(e)} as safetensors: ${h}`)};r.length<8&&t(`it has ${r.length} bytes, too few for a header`);let a=new DataView(r.buffer,r.byteOffset,r.byteLength),n=a.getUint32(0,!0)+a.getUint32(4,!0)*2**32;n>Nr&&t(`its header claims ${n} bytes; it is no safetensors file or is damaged`),n>r.length-8&&t(`its header claims ${n} bytes, but only ${r.length-8} follow; the file is truncated or damaged`);let o=Er(r.subarray(8,8+n),t),{__metadata__:s={},...i}=o;(!Ie(s)||Object.values(s).some(h=>typeof h!="string"))&&t("its metadata is not a list of strings; the file is damaged");let c=r.subarray(8+n),l=[],p=new Map,d=Object.entries(i).map(([h,f])=>{let y=Cr(h,f,c.length,t);return l.push(y),{tensor:h,...y}});l.sort((h,f)=>h.begin-f.begin||h.end-f.end);let u=0;for(let{begin:h,end:f}of l)h!==u&&t(`its tensors overlap or leave a gap at byte ${Math.min(h,u)}; the file is damaged`),u=f;u!==c.length&&t(`its tensors fill ${u} bytes, but ${c.length} follow the header; the file is damaged`),Fr(r,n,s,t);for(let{tensor:h,dtype:f,shape:y,begin:g,end:b}of d){let A=c.slice(g,b).buffer,k=f==="F32"?new Float32Array(A):Float32Array.from(new Float16Array(A));p.set(h,{dtype:f,shape:y,data:k})}let{[ae]:m,...w}=s;return{tensors:p,metadata:w}}function Er(r,e){let t;try{if(r[0]!==123)throw new SyntaxError;t=JSON.parse(new TextDecoder("utf-8",{fatal:!0}).decode(r))}catch{e("its header is no JSON; it is no safetensors file or is damaged")}return Ie(t)?t:e("its header is no JSON object; the file is damaged")}function Cr(r,e,t,a){let n=p=>a(`tensor ${Y(r)} has ${p}; the file is damaged`);if(!Ie(e))return n("no description");let{dtype:o,shape:s,data_offsets:i}=e;if(o!=="F32"&&o!=="F16")return a(`tensor ${Y(r)} is of type ${Y(String(o))}; only F32 and F16 can be read`);if(!Array.isArray(s)||!s.every(wt))return n("no valid shape");if(!Array.isArray(i)||i.length!==2||!i.every(wt))return n("no valid offsets");let[c,l]=i;return l<c?n(`offsets ${c} to ${l}`):l>t?a(`tensor ${Y(r)} ends at byte ${l} of the data, but the file holds ${t}; it is truncated or damaged`):l-c!==P(s)*J[o]?n(`${l-c} bytes, but shape ${_(s)} of ${o} takes ${P(s)*J[o]}`):{dtype:o,shape:s,begin:c,end:l}}function Fr(r,e,t,a){if(!Object.hasOwn(t,ae))return;let n=bt(r,e);if(n!==void 0){let o=new TextEncoder().encode(Ge),s=r.subarray(n+o.length),i=re(s,re(o,re(r.subarray(0,n))));if(xt(i)===t[ae])return}a("its checksum does not match; the file is damaged (or was rewritten: then drop crc32 from its metadata)")}function bt(r,e){let t=new TextEncoder().encode(`"${ae}":"`),a=8+e-t.length-Ge.length;for(let n=8;n<=a;n++)if(t.every((o,s)=>r[n+s]===o))return n+t.length}function Gr(r,e){let t=new Float16Array(r),a=t.findIndex((n,o)=>!Number.isFinite(n)&&Number.isFinite(r[o]));if(a>=0)throw new x(`Cannot store tensor ${Y(e)} as F16: the value ${r[a]} is beyond ±${Or}; store it as F32`);return t}function Y(r){return JSON.stringify(r.length>80?`${r.slice(0,77)}...`:r).replaceAll(/[\u007f-\u009f\u2028\u2029]/g,"?")}var xt=r=>r.toString(16).padStart(8,"0"),wt=r=>Number.isSafeInteger(r)&&r>=0,Ie=r=>typeof r=="object"&&r!==null&&!Array.isArray(r);var Be="clairnet-1",De=["name","recipe","loss","data","created","version","license","note"],_t=["seed","steps"];function ge(r={}){return{...Object.fromEntries(De.map(t=>[t,""])),seed:0,steps:0,metrics:{},...r}}function At(r,e={}){let{topology:t,parameters:a}=r,n=new Map,o=I(t).parameters;for(let{name:s,shape:i}of o){let c=a.get(s);if(!c)throw new RangeError(`Cannot store the model: parameter "${s}" is missing`);kt(c,`Cannot store the model: parameter "${s}"`),n.set(s,{shape:i,data:c,dtype:e.dtype??"F32"})}if(a.size!==o.length)throw new RangeError(`Cannot store the model: it has ${a.size} parameters, its topology ${o.length}`);for(let[s,i]of e.tensors??[]){if(!s.includes("/"))throw new RangeError(`Cannot store extra tensor "${s}": its name must hold a "/"`);n.set(s,i)}return yt({tensors:n,metadata:{...e.metadata,...Ir(r)}})}function Ir({topology:r,info:e}){let t={format:Be,topology:JSON.stringify(r)};for(let a of De)t[a]=e[a];for(let a of _t)t[a]=String(e[a]);return t.metrics=JSON.stringify(e.metrics,(a,n)=>Number.isFinite(n)?n:typeof n=="number"?String(n):n),t}function Ke(r,e){return Br(vt(r,e),e)}function Br(r,e){let t=`Cannot use ${JSON.stringify(e)} as a model`,{metadata:a,tensors:n}=r;if(a.format!==Be||a.topology===void 0){let i=a.format===void 0?"no format":`the format ${JSON.stringify(a.format)}`;throw new x(`${t}: its metadata has ${i}, where Clairnet's models have "${Be}"`)}let o=Dr(a.topology,t),s=new Map;for(let{name:i,shape:c}of I(o).parameters){let l=n.get(i);if(!l)throw new x(`${t}: tensor "${i}" (${_(c)}) is missing`);if(_(l.shape)!==_(c))throw new x(`${t}: tensor "${i}" has shape ${_(l.shape)}, but its topology wants ${_(c)}`);kt(l.data,`${t}: tensor "${i}"`),s.set(i,l.data)}for(let i of n.keys())if(!s.has(i)&&!i.includes("/"))throw new x(`${t}: tensor ${JSON.stringify(i)} is not part of its topology`);return{topology:o,parameters:s,info:Kr(a,t)}}function kt(r,e){let t=r.findIndex(a=>!Number.isFinite(a));if(t>=0)throw new x(`${e} holds ${r[t]} at ${t}: the training diverged or the file is damaged`)}function Dr(r,e){try{let{channels:t,widths:a,encoderBlocks:n,decoderBlocks:o,activation:s,down:i,up:c,residual:l,residualBlocks:p}=JSON.parse(r);for(let[d,u]of Object.entries({widths:a,encoderBlocks:n,decoderBlocks:o}))if(!Array.isArray(u))throw new RangeError(`${d} is no list`);if(typeof t!="number")throw new RangeError("channels is no number");for(let[d,u]of Object.entries({residual:l,residualBlocks:p}))if(typeof u!="boolean")throw new RangeError(`${d} is neither true nor false`);for(let[d,u]of Object.entries({activation:s,down:i,up:c}))if(typeof u!="string")throw new RangeError(`${d} is no word`);return fe({channels:t,widths:a,encoderBlocks:n,decoderBlocks:o,activation:s,down:i,up:c,residual:l,residualBlocks:p})}catch(t){let a=t instanceof RangeError?t.message.replaceAll(/\s+/g," "):"it is no JSON object";throw new x(`${e}: the topology in its metadata is damaged (${a})`,{cause:t})}}function Kr(r,e){let t={};for(let a of De)t[a]=r[a]??"";for(let a of _t){let n=Number(r[a]??0);if(!Number.isSafeInteger(n)||n<0)throw new x(`${e}: ${a} in its metadata is no whole number`);t[a]=n}try{let a=Object.entries(JSON.parse(r.metrics??"{}")).map(([n,o])=>[n,Number(o)]);t.metrics=Object.fromEntries(a)}catch(a){throw new x(`${e}: the metrics in its metadata are damaged`,{cause:a})}return t}function Tt(r,{peak:e,warmup:t,steps:a}){if(r<=t)return e*r/t;let n=Math.min((r-t)/(a-t+1),1);return e*.5*(1+Math.cos(Math.PI*n))}var zr=.999,Lr=500;function St(r,{peak:e,steps:t,decay:a=0}){let n=Math.min(Lr,Math.ceil(t/20));return{beta1:.9,beta2:.99,maxNorm:1,step:r,decay:a,learningRate:Tt(r,{peak:e,warmup:n,steps:t}),ema:jr(r)}}function jr(r){return Math.min((1+r)/(10+r),zr)}function Pt(r){let e=[],t=[],a=new Array(r.length).fill(-1),n=r.map((o,s)=>s).sort((o,s)=>r[o].first-r[s].first||r[s].bytes-r[o].bytes);for(let o of n){let{bytes:s,first:i,last:c}=r[o],l=-1;for(let p=0;p<e.length;p++){if(t[p]>=i)continue;if(l<0){l=p;continue}let d=e[p]>=s,u=e[l]>=s;(d?!u||e[p]<e[l]:!u&&e[p]>e[l])&&(l=p)}l<0&&(l=e.length,e.push(0),t.push(-1)),e[l]=Math.max(e[l],s),t[l]=c,a[o]=l}return{assignment:a,sizes:e}}function Rt(r,e){return e==="flat"?P(r)*4:P(r.slice(0,-1))*T(r[r.length-1])*4}function we(r,e,t){let a=T(e);if(a===e)return t?.set(r),t??r;let n=r.length/e,o=t??new Float32Array(n*a);for(let s=0,i=0,c=0;s<n;s++,c+=a-e)for(let l=0;l<e;l++)o[c++]=r[i++];return o}function ne(r,e){let t=T(e);if(t===e)return r;let a=r.length/t,n=new Float32Array(a*e);for(let o=0,s=0,i=0;o<a;o++,s+=t-e)for(let c=0;c<e;c++)n[i++]=r[s++];return n}var Wr=64,qr=65535,z=class{tensors=[];dispatches=[];inputs=new Map;outputs=new Map;training;#e=[];#r=new Map;#t="";constructor(e){this.training=e.training}tensor(e,t,a={}){if(e.some(s=>!Number.isInteger(s)||s<1))throw new v(`Cannot record the tensor ${t}: its shape ${_(e)} must have positive extents`);let n=a.layout??"image",o={id:this.tensors.length,name:t,shape:e,layout:n,lifetime:a.lifetime??"planned",bytes:Rt(e,n),...a.external?{external:a.external}:{}};return this.tensors.push(o),o}input(e,t){let a=this.tensor(t,e,{lifetime:"persistent"});return this.inputs.set(e,a),a}scalars(e,t){let a=this.tensor([Math.ceil(t/4)*4],e,{layout:"flat",lifetime:"persistent"});return this.inputs.set(e,a),a}output(e,t){this.outputs.set(e,t)}within(e,t){let a=this.#t;this.#t=a?`${a}/${e}`:e;try{return t()}finally{this.#t=a}}dispatch(e,t,a){let n=Object.keys(e.bindings);if(n.join()!==Object.keys(t).join())throw new v(`Cannot record ${e.name}: it binds ${n.join()}, got ${Object.keys(t).join()}`);let s=e.params.map(p=>p.split(":")[0]).find(p=>a.params[p]===void 0);if(s)throw new v(`Cannot record ${e.name}: the parameter ${s} is not given`);let i=n.filter(p=>e.bindings[p]==="read_write").map(p=>C(t[p]).tensor);for(let p of n){let{tensor:d}=C(t[p]);if(e.bindings[p]!=="read_write"?i.includes(d):i.filter(u=>u===d).length>1)throw new v(`Cannot record ${e.name}: ${d.name} is bound for reading and writing at once`)}let[c,l]=Hr(Math.ceil(a.invocations/Wr));this.dispatches.push({label:[this.#t,a.label??e.name].filter(Boolean).join("/"),kernel:e,constants:a.constants??{},params:a.params,bindings:t,workgroups:[c,l,a.groups??1],once:a.once??!1,flops:a.flops??0})}gradient(e,t){if(!this.training)return;let a=this.#t;this.#e.push(()=>{let n=this.#r.get(e);n?.written&&this.within(a?`${a}.grad`:"grad",()=>t(n.gradient))})}gradientOf(e){let t=this.#r.get(e);t||this.#r.set(e,t={gradient:this.tensor(e.shape,`d(${e.name})`,{layout:e.layout}),written:!1});let a=t.written;return t.written=!0,{gradient:t.gradient,accumulate:a}}backward(){for(let e of this.#e.splice(0).reverse())e()}};function Hr(r){let e=Math.max(1,Math.ceil(r/qr));return[Math.max(1,Math.ceil(r/e)),e]}function C(r){return"tensor"in r?r:{tensor:r,offset:0,size:r.bytes}}function U(r){return r.bytes/16}function Mt(r){return P(r.shape)}var ze=256;async function oe(r,e){let{device:t}=r;r.check();let a=[];for(let{kernel:d,constants:u}of e.dispatches)a.push(await r.kernel(d,u));t.pushErrorScope("validation"),t.pushErrorScope("out-of-memory");let n=[],o=(d,u,m)=>{let w=r.buffer(d,u,m);return n.push(w),w},s=()=>n.forEach(d=>r.release(d)),i,c;try{let d=Vr(e,o),u=new DataView(new ArrayBuffer(e.dispatches.length*ze));e.dispatches.forEach(({kernel:h,params:f},y)=>{h.params.forEach((g,b)=>{let[A,k]=g.split(":"),$=y*ze+b*4;k==="f32"?u.setFloat32($,f[A],!0):u.setInt32($,f[A],!0)})});let m=o("uniforms",Math.max(u.byteLength,16),GPUBufferUsage.UNIFORM|GPUBufferUsage.COPY_DST);r.write(m,0,new Uint32Array(u.buffer));let w=e.dispatches.map((h,f)=>({dispatch:h,compiled:a[f],group:t.createBindGroup({label:h.label,layout:a[f].layout,entries:[{binding:0,resource:{buffer:m,offset:f*ze,size:h.kernel.params.length*4}},...Object.values(h.bindings).map((y,g)=>{let{tensor:b,offset:A,size:k}=C(y);return{binding:g+1,resource:{buffer:d.get(b),offset:A,size:k}}})]})}));i=new Le(r,e,w,d,n)}catch(d){c=d}let l=await t.popErrorScope(),p=await t.popErrorScope();if(l?c=new O(`The GPU is out of memory for a plan: ${l.message}`):p&&(c??=new v(`Cannot build a plan: ${p.message}`)),c)throw s(),c;return i}function Vr(r,e){let t=new Map,a=new Map;r.dispatches.forEach((p,d)=>{for(let u of Object.values(p.bindings)){let{tensor:m}=C(u);t.has(m)||t.set(m,d),a.set(m,d)}});for(let p of r.outputs.values())a.set(p,r.dispatches.length);let n=GPUBufferUsage.STORAGE|GPUBufferUsage.UNIFORM|GPUBufferUsage.COPY_DST|GPUBufferUsage.COPY_SRC,o=new Map,s=r.tensors.filter(p=>{if(p.external)o.set(p,p.external);else if(p.lifetime==="persistent")o.set(p,e(p.name,p.bytes,n));else return t.has(p);return!1}),{assignment:i,sizes:c}=Pt(s.map(p=>({bytes:p.bytes,first:t.get(p),last:a.get(p)}))),l=c.map((p,d)=>e(`shared ${d}`,p,n));return s.forEach((p,d)=>o.set(p,l[i[d]])),o}var Le=class{#e;#r;#t;#n;#a;#o=new Map;#s=new Map;#i=!0;constructor(e,t,a,n,o){this.#e=e,this.#r=t,this.#t=a,this.#n=n,this.#a=o}write(e,t){let a=this.#r.inputs.get(e);if(!a)throw new v(`Cannot write ${e}: the plan has no such input`);let n=t;if(a.layout==="image"){let o=a.shape[a.shape.length-1],s=this.#s.get(e);if(s||this.#s.set(e,s=new Float32Array(a.bytes/4)),t.length!==a.shape.reduce((i,c)=>i*c,1))throw new v(`Cannot write ${e}: it is ${_(a.shape)}, got ${t.length} values`);n=we(t,o,s)}this.#e.write(this.#n.get(a),0,n)}run(){this.#e.check();let e=this.#e.device.createCommandEncoder(),t=e.beginComputePass();for(let a of this.#t)a.dispatch.once&&!this.#i||(t.setPipeline(a.compiled.pipeline),t.setBindGroup(0,a.group),t.dispatchWorkgroups(...a.dispatch.workgroups));t.end(),this.#e.device.queue.submit([e.finish()]),this.#i=!1}refresh(){this.#i=!0}async read(e){let t=this.#r.outputs.get(e);if(!t)throw new v(`Cannot read ${e}: the plan has no such output`);let{device:a}=this.#e,n=this.#o.get(e);n||(n=this.#e.buffer(`read ${e}`,t.bytes,GPUBufferUsage.MAP_READ|GPUBufferUsage.COPY_DST),this.#a.push(n),this.#o.set(e,n));let o=a.createCommandEncoder();o.copyBufferToBuffer(this.#n.get(t),0,n,0,t.bytes),a.queue.submit([o.finish()]);try{await n.mapAsync(GPUMapMode.READ)}catch(i){throw this.#e.check(),i}let s=new Float32Array(n.getMappedRange(0,t.bytes).slice(0));return n.unmap(),this.#e.check(),t.layout==="image"?ne(s,t.shape[t.shape.length-1]):s}describe(){let e=this.#a.reduce((a,n)=>a+n.size,0);return[...this.#t.map(({dispatch:a})=>{let n=Object.entries(a.bindings).map(([o,s])=>`${o} ${C(s).tensor.name} ${_(C(s).tensor.shape)}`);return`${a.label}: ${a.kernel.name} (${n.join(", ")})`}),`${this.#t.length} steps, ${this.#a.length} buffers, ${e} bytes`].join(`
`)}get bytes(){return this.#a.reduce((e,t)=>e+t.size,0)}async profile(){let{device:e}=this.#e;if(!e.features.has("timestamp-query"))throw new v("Cannot profile: the adapter has no timestamp queries");let t=this.#t.filter(({dispatch:l})=>!l.once||this.#i),a=e.createQuerySet({type:"timestamp",count:t.length*2}),n=t.length*16,o=this.#e.buffer("timestamps",n,GPUBufferUsage.QUERY_RESOLVE|GPUBufferUsage.COPY_SRC),s=this.#e.buffer("read timestamps",n,GPUBufferUsage.MAP_READ|GPUBufferUsage.COPY_DST),i=e.createCommandEncoder();t.forEach(({dispatch:l,compiled:p,group:d},u)=>{let m=i.beginComputePass({timestampWrites:{querySet:a,beginningOfPassWriteIndex:u*2,endOfPassWriteIndex:u*2+1}});m.setPipeline(p.pipeline),m.setBindGroup(0,d),m.dispatchWorkgroups(...l.workgroups),m.end()}),i.resolveQuerySet(a,0,t.length*2,o,0),i.copyBufferToBuffer(o,0,s,0,n),e.queue.submit([i.finish()]),await s.mapAsync(GPUMapMode.READ);let c=new BigUint64Array(s.getMappedRange().slice(0));s.unmap();for(let l of[o,s])this.#e.release(l);return a.destroy(),this.#i=!1,t.map(({dispatch:l},p)=>{let d=Number(c[p*2+1]-c[p*2]);return{label:l.label,kernel:l.kernel.name,milliseconds:d/1e6,gflops:d>0?l.flops/d:0}})}[Symbol.dispose](){for(let e of this.#a.splice(0))this.#e.release(e)}};var $t={none:0,relu:1,"leaky-relu":2};function je(r){return $t[r]}var Ut=new WeakMap;function Ot(r,e){Ut.set(r,e)}function We(r){return Ut.get(r)??"none"}function B(r,e){let t=We(r);return{activated:t==="none"?e:r,constants:{ACTIVATION:$t[t]}}}var Jr={name:"add",params:["count"],bindings:{a:"read",b:"read",y:"read_write"}},Yr={name:"add_grad",params:["count","accumulate"],bindings:{dy:"read",activated:"read",dx:"read_write"},includes:["activation"]};function Nt(r,e,t,a="add",n=new Set){if(e.shape.join()!==t.shape.join())throw new v(`Cannot record add "${a}": its terms are ${_(e.shape)} and ${_(t.shape)}`);let o=r.tensor(e.shape,a),s=U(o);return r.within(a,()=>{r.dispatch(Jr,{a:e,b:t,y:o},{params:{count:s},invocations:s}),r.gradient(o,i=>{for(let c of[e,t]){if(n.has(c))continue;let{gradient:l,accumulate:p}=r.gradientOf(c),{activated:d,constants:u}=B(c,i);r.dispatch(Yr,{dy:i,activated:d,dx:l},{params:{count:s,accumulate:Number(p)},constants:u,invocations:s})}})}),o}var Et={name:"conv2d_tile8",params:["batch","height","width","a4","b4","a_shift","out4","first_block","block_vec4s","accumulate"],bindings:{a:"read",b:"read",w:"uniform",activated:"read",y:"read_write"},includes:["activation"]},Ct={name:"conv2d_pack",params:["in4","out4","source4","target4","first4","block_vec4s","count"],bindings:{weight:"read",bias:"read",packed:"read_write"}},Ft={name:"conv2d_naive",params:["batch","height","width","out_height","out_width","a4","b4","a_shift","out4","kernel","stride"],bindings:{a:"read",b:"read",w:"read",bias:"read",y:"read_write"},includes:["activation"]},Gt={name:"conv2d_input_grad_naive",params:["batch","height","width","out_height","out_width","in4","out4","target4","first4","kernel","stride","accumulate"],bindings:{dy:"read",w:"read",activated:"read",dx:"read_write"},includes:["activation"]},It={name:"conv2d_weight_grad_rows",params:["batch","height","width","in4","out4","shift","first4","total4","slices","rows"],bindings:{x:"read",dy:"read",partials:"read_write"}},Bt={name:"conv2d_weight_grad_naive",params:["batch","height","width","out_height","out_width","in4","out4","shift","first4","total4","slices","rows","kernel","stride"],bindings:{x:"read",dy:"read",partials:"read_write"}},Dt={name:"bias_grad",params:["pixels","out4","slices","slice_pixels"],bindings:{dy:"read",partials:"read_write"}};var Qr={name:"sum_slices",params:["count","slices","accumulate"],bindings:{partials:"read",total:"read_write"}};function F(r,e,t,a,n=!1){let o=C(t).size/16;r.dispatch(Qr,{partials:e,total:t},{params:{count:o,slices:a,accumulate:Number(n)},invocations:o})}function L(r,e){let t=Math.ceil(r/Math.max(1,Math.min(e,r)));return{slices:Math.ceil(r/t),each:t}}var Xr={name:"upsample",params:["batch","height","width","c4"],bindings:{x:"read",y:"read_write"}},Zr={name:"upsample_grad",params:["batch","height","width","c4","accumulate"],bindings:{dy:"read",activated:"read",dx:"read_write"},includes:["activation"]},Kt=({shape:[r,e,t,a]})=>({batch:r,height:e,width:t,c4:T(a)/4});function zt(r,e,t,a="up"){let[n,o,s,i]=e.shape,c=r.tensor([n,o*2,s*2,i],a);return r.within(a,()=>{r.dispatch(Xr,{x:e,y:c},{params:Kt(e),constants:{BILINEAR:+(t==="bilinear")},invocations:U(c)}),r.gradient(c,l=>qe(r,l,e,t))}),c}function qe(r,e,t,a){let{gradient:n,accumulate:o}=r.gradientOf(t),{activated:s,constants:i}=B(t,e);r.dispatch(Zr,{dy:e,activated:s,dx:n},{params:{...Kt(t),accumulate:Number(o)},constants:{...i,BILINEAR:+(a==="bilinear")},invocations:U(t)})}var ye=65536,ea=2048,R=r=>"upsampled"in r?r.upsampled:r,se=r=>"upsampled"in r?1:0,N=r=>T(r.shape[3])/4;function He(r){let{shape:e}=R(r),t=1<<se(r);return[e[1]*t,e[2]*t]}function ta(r,{name:e,stride:t,outChannels:a}){if(r.length<1||r.length>2)throw new v(`Cannot record conv2d "${e}": it reads one or two inputs, got ${r.length}`);let[n,o]=He(r[0]),s=R(r[0]).shape[0];for(let i of r){let[c,l]=He(i),{shape:p}=R(i);if(p.length!==4||c!==n||l!==o||p[0]!==s)throw new v(`Cannot record conv2d "${e}": its inputs are ${_(R(r[0]).shape)} and ${_(p)}`)}if(r.length===2&&se(r[1]))throw new v(`Cannot record conv2d "${e}": only its first input can be upsampled on the way`);return[s,V(n,t),V(o,t),a]}function Lt(r,e,t,a,{variant:n="auto",withoutGradient:o=new Set}={}){let{name:s,kernel:i,stride:c,activation:l}=a,p=ta(e,a);aa(e,t,a);let d=r.tensor(p,s);Ot(d,l);let u=t.range(r,`${s}.weight`),m=t.range(r,`${s}.bias`),w={rec:r,sources:e,options:a,y:d,weight:u,bias:m,...ra(e,d)},h=f=>n==="auto"&&i===3&&c===1&&jt(f)*16<=ye;return r.within(s,()=>{h(w.in4)?Wt(w,{a:R(e[0]),b:R(e[1]??e[0]),activated:R(e[0]),target:d,a4:N(R(e[0])),b4:e[1]?N(R(e[1])):0,shift:se(e[0]),forward:!0,first4:0,accumulate:!1,constants:{ACTIVATION:je(l)}}):na(w),r.gradient(d,f=>{sa(w,f,t,n==="auto"&&i===3&&c===1);let y=0;for(let g of e){let b=R(g);o.has(b)||oa(w,f,g,y,h(w.out4)),y+=N(b)}})}),d}function ra(r,e){let[t,a]=He(r[0]);return{batch:e.shape[0],height:t,width:a,out_height:e.shape[1],out_width:e.shape[2],in4:r.reduce((n,o)=>n+N(R(o)),0),out4:N(e)}}function aa(r,e,{name:t,kernel:a,outChannels:n}){let o=r.map(c=>R(c).shape[3]),s=e.specs.find(c=>c.name===`${t}.weight`),i=[a,a,o.reduce((c,l)=>c+l,0),n];if(!s||s.shape.join()!==i.join()||(s.sources??[i[2]]).join()!==o.join())throw new v(`Cannot record conv2d "${t}": input has ${o.join(" + ")} channels, so the weight is ${_(i)}; got ${s?_(s.shape):"none"}`)}function Ve({batch:r,out_height:e,out_width:t,options:a,sources:n},o){let s=o??n.reduce((i,c)=>i+R(c).shape[3],0);return 2*r*e*t*a.kernel**2*s*a.outChannels}function na(r){let{rec:e,sources:t,options:a,y:n,weight:o,bias:s}=r,[i,c=i]=t.map(R);e.dispatch(Ft,{a:i,b:c,w:o,bias:s,y:n},{params:{...ve(r,["batch","height","width","out_height","out_width","out4"]),a4:N(i),b4:t[1]?N(c):0,a_shift:se(t[0]),kernel:a.kernel,stride:a.stride},constants:{ACTIVATION:je(a.activation)},invocations:r.batch*r.out_height*r.out_width*r.out4,flops:Ve(r)})}function ve(r,e){return Object.fromEntries(e.map(t=>[t,r[t]]))}function jt(r){return Math.ceil((72*r+2)/16)*16}function Wt(r,e){let{rec:t,batch:a,height:n,width:o,in4:s,out4:i}=r,c=N(e.target),l=e.a4+e.b4,p=jt(l),d=Math.ceil(c/2),u=!t.training,m=Math.floor(ye/(p*16)),w=Math.floor((d-1)/m)*m*p*16,h=t.tensor([(w+ye)/4],`${r.options.name}.packed`,{layout:"flat",lifetime:u?"persistent":"planned"}),f=Number(e.forward);t.dispatch(Ct,{weight:r.weight,bias:r.bias,packed:h},{params:{in4:s,out4:i,source4:l,target4:c,first4:e.first4,block_vec4s:p,count:d*p},constants:{FORWARD:f},invocations:d*p,once:u});for(let y=0;y<d;y+=m){let g=Math.min(m,d-y);t.dispatch(Et,{a:e.a,b:e.b,w:{tensor:h,offset:y*p*16,size:ye},activated:e.activated,y:e.target},{params:{batch:a,height:n,width:o,a4:e.a4,b4:e.b4,a_shift:e.shift,out4:c,first_block:y,block_vec4s:p,accumulate:Number(e.accumulate)},constants:{FORWARD:f,...e.constants},invocations:a*n*Math.ceil(o/8),groups:g,flops:18*a*n*o*l*4*Math.min(g*8,(c-y*2)*4)})}}function oa(r,e,t,a,n){let{rec:o,options:s}=r,i=R(t),l="upsampled"in t?o.tensor([r.batch,r.height,r.width,i.shape[3]],`d(${i.name} upsampled)`):void 0,{gradient:p,accumulate:d}=l?{gradient:l,accumulate:!1}:o.gradientOf(i),{activated:u,constants:m}=l?{activated:e,constants:{ACTIVATION:0}}:B(i,e);n?Wt(r,{a:e,b:e,a4:r.out4,b4:0,shift:0,activated:u,target:p,forward:!1,first4:a,accumulate:d,constants:m}):o.dispatch(Gt,{dy:e,w:r.weight,activated:u,dx:p},{params:{...ve(r,["batch","height","width","out_height","out_width","in4","out4"]),target4:N(i),first4:a,kernel:s.kernel,stride:s.stride,accumulate:Number(d)},constants:m,invocations:r.batch*r.height*r.width*N(i),flops:Ve(r,i.shape[3])}),l&&qe(o,l,i,"nearest")}function sa(r,e,t,a){let{rec:n,options:o,in4:s,out4:i}=r,c=o.kernel**2,{slices:l,each:p}=L(r.batch*r.out_height,Math.ceil(ea/(s*i*(a?1:c)))),d=n.tensor([l,c,s*4,i*4],`${o.name}.weight partials`,{layout:"flat"}),u=0;for(let f of r.sources){let y=R(f),g=N(y),b={out4:i,shift:se(f),in4:g,first4:u,total4:s,slices:l,rows:p},A=Ve(r,y.shape[3]);a?n.dispatch(It,{x:y,dy:e,partials:d},{params:{...ve(r,["batch","height","width"]),...b},invocations:g*i*l,flops:A}):n.dispatch(Bt,{x:y,dy:e,partials:d},{params:{...ve(r,["batch","height","width","out_height","out_width"]),...b,kernel:o.kernel,stride:o.stride},invocations:c*g*i*l,flops:A}),u+=g}F(n,d,t.range(n,`${o.name}.weight`,"gradients"),l);let m=r.batch*r.out_height*r.out_width,w=L(m,Math.ceil(256/i)),h=n.tensor([w.slices,i*4],`${o.name}.bias partials`,{layout:"flat"});n.dispatch(Dt,{dy:e,partials:h},{params:{pixels:m,out4:i,slices:w.slices,slice_pixels:w.each},invocations:i*w.slices}),F(n,h,t.range(n,`${o.name}.bias`,"gradients"),w.slices)}var ia={name:"max_pool",params:["batch","height","width","c4"],bindings:{x:"read",y:"read_write",argmax:"read_write"}},ca={name:"max_pool_grad",params:["batch","height","width","c4","accumulate"],bindings:{dy:"read",argmax:"read",activated:"read",dx:"read_write"},includes:["activation"]};function qt(r,e,t="pool"){let[a,n,o,s]=e.shape,i=T(s)/4,c=r.tensor([a,V(n,2),V(o,2),s],t),l=r.tensor([U(c)],`${t}.argmax`,{layout:"flat"}),p={batch:a,height:n,width:o,c4:i};return r.within(t,()=>{r.dispatch(ia,{x:e,y:c,argmax:l},{params:p,invocations:U(c)}),r.gradient(c,d=>{let{gradient:u,accumulate:m}=r.gradientOf(e),{activated:w,constants:h}=B(e,d);r.dispatch(ca,{dy:d,argmax:l,activated:w,dx:u},{params:{...p,accumulate:Number(m)},constants:h,invocations:U(e)})})}),c}var Vt=["values","gradients","moment1","moment2","average"],Ht=64,be=class{specs;length;#e;#r=new Map;#t=new Map;#n=new WeakMap;constructor(e,t){this.#e=e,this.specs=t;let a=0;for(let n of t){let o=Jt(n);this.#r.set(n.name,{spec:n,offset:a,length:o}),a+=Math.ceil(o/Ht)*Ht}this.length=a}range(e,t,a="values"){let{offset:n,length:o}=this.#a(t);return{tensor:this.whole(e,a),offset:n*4,size:o*4}}whole(e,t){let a=this.#n.get(e);a||this.#n.set(e,a=new Map);let n=a.get(t);return n||(n=e.tensor([this.length],`parameters.${t}`,{layout:"flat",lifetime:"persistent",external:this.#o(t)}),a.set(t,n)),n}upload(e,t="values"){let a=new Float32Array(this.length);for(let{spec:n,offset:o}of this.#r.values()){let s=e.get(n.name);if(!s||s.length!==P(n.shape))throw new v(`Cannot upload ${n.name}: it has ${P(n.shape)} values, got ${s?.length??"none"}`);a.set(pa(s,n),o)}this.#e.write(this.#o(t),0,a)}async download(e="values"){let t=this.length*4,{device:a}=this.#e,n=this.#e.buffer(`read ${e}`,t,GPUBufferUsage.MAP_READ|GPUBufferUsage.COPY_DST);try{let o=a.createCommandEncoder();o.copyBufferToBuffer(this.#o(e),0,n,0,t),a.queue.submit([o.finish()]),await n.mapAsync(GPUMapMode.READ),this.#e.check();let s=new Float32Array(n.getMappedRange(0,t).slice(0));return new Map([...this.#r.values()].map(({spec:i,offset:c,length:l})=>[i.name,da(s.subarray(c,c+l),i)]))}finally{this.#e.release(n)}}[Symbol.dispose](){for(let e of this.#t.values())this.#e.release(e);this.#t.clear()}#a(e){let t=this.#r.get(e);if(!t)throw new v(`Cannot find the parameter ${e}`);return t}#o(e){let t=this.#t.get(e);if(!t){let a=GPUBufferUsage.STORAGE|GPUBufferUsage.COPY_DST|GPUBufferUsage.COPY_SRC;t=this.#e.buffer(`parameters.${e}`,this.length*4,a),this.#t.set(e,t)}return t}};function la(r){return r.reduce((e,t)=>e+T(t),0)}function Jt({shape:r,sources:e}){if(r.length===1)return T(r[0]);let[t,a,n,o]=r;return t*a*la(e??[n])*T(o)}function pa(r,e){let{shape:t,sources:a}=e,n=t[t.length-1],o=we(r,n);if(t.length===1)return o;let s=T(n),i=new Float32Array(Jt(e));return Yt(t,a,(c,l)=>i.set(o.subarray(c*s,(c+1)*s),l*s)),i}function da(r,e){let{shape:t,sources:a}=e,n=t[t.length-1];if(t.length===1)return ne(r,n).slice(0,n);let o=T(n),s=new Float32Array(P(t.slice(0,-1))*o);return Yt(t,a,(i,c)=>s.set(r.subarray(c*o,(c+1)*o),i*o)),ne(s,n).slice()}function Yt(r,e,t){let a=r[0]*r[1],n=0,o=0;for(let s=0;s<a;s++)for(let i of e??[r[2]]){for(let c=0;c<i;c++)t(n++,o+c);o+=T(i)}}function ie(r,e){let t=I(e),a=new Map(t.nodes.flatMap(n=>n.op==="conv2d"?[[`${n.name}.weight`,n.inChannels]]:[]));return new be(r,t.parameters.map(n=>({...n,sources:a.get(n.name)})))}function ce(r,e,t,a,n={}){let o=he(t),[,s,i,c]=e.shape;if(s%o||i%o||c!==t.channels)throw new v(`Cannot record the U-Net: the image is ${s}×${i}×${c}, it takes multiples of ${o} and ${t.channels} channels`);let l=I(t),p=new Map([["image",e]]),d=new Set([e]),u=m=>{let w=p.get(m);if("upsampled"in w)throw new v(`Cannot record the U-Net: ${m} is read by more than a convolution`);return w};for(let m of l.nodes)if(m.op==="conv2d"){let w=m.inputs.map(h=>p.get(h));p.set(m.output,Lt(r,w,a,m,{...n,withoutGradient:d}))}else m.op==="maxPool"?p.set(m.output,qt(r,u(m.input),m.output)):m.op==="add"?p.set(m.output,Nt(r,u(m.inputs[0]),u(m.inputs[1]),m.output,d)):m.mode==="nearest"?p.set(m.output,{upsampled:u(m.input)}):p.set(m.output,zt(r,u(m.input),m.mode,m.output));return u(l.output)}var ua={name:"squared_norm",params:["count","slice_vec4s","slices"],bindings:{g:"read",partials:"read_write"}},ma={name:"adam",params:["count"],bindings:{now:"uniform",g:"read",norm:"read",p:"read_write",m:"read_write",v:"read_write",average:"read_write"}};function Qt(r,e,t="adam"){let a=r.scalars(t,12),n=e.whole(r,"gradients"),o=U(n),{slices:s,each:i}=L(o,1024),c=r.tensor([s*4],"norm partials",{layout:"flat"}),l=r.tensor([4],"squared norm",{layout:"flat",lifetime:"persistent"});return r.within(t,()=>{r.dispatch(ua,{g:n,partials:c},{params:{count:o,slice_vec4s:i,slices:s},invocations:s}),F(r,c,l,s);let[p,d,u,m]=["values","moment1","moment2","average"].map(w=>e.whole(r,w));r.dispatch(ma,{now:a,g:n,norm:l,p,m:d,v:u,average:m},{params:{count:o},invocations:o})}),{squaredNorm:l}}function Xt(r){let{learningRate:e,step:t,beta1:a=.9,beta2:n=.999,epsilon:o=1e-8,decay:s=0,maxNorm:i=0,ema:c=.999}=r,l=p=>1/(1-Math.fround(p)**t);return Float32Array.of(e,a,n,o,l(a),l(n),s,i,c,0,0,0)}var fa=["mse","l1","charbonnier"],ha={name:"loss",params:["count","c4","channels","slice_vec4s","slices","image_vec4s","scale:f32"],bindings:{y:"read",goal:"read",weights:"read",dy:"read_write",partials:"read_write"}},ga=1024;function Zt(r,e,t,a,n){if(e.shape.join()!==t.shape.join())throw new v(`Cannot record loss: output is ${_(e.shape)}, target is ${_(t.shape)}`);if(We(e)!=="none")throw new v(`Cannot record loss: ${e.name} has an activation fused into it, whose slope the loss does not know`);if(n&&n.shape[0]<e.shape[0])throw new v(`Cannot record loss: ${n.shape[0]} weights are too few for ${e.shape[0]} images`);let o=e.shape[e.shape.length-1],s=U(e),{slices:i,each:c}=L(s,ga),l=r.tensor([i*4],"loss partials",{layout:"flat"}),p=r.tensor([4],"loss",{layout:"flat",lifetime:"persistent"});return r.within("loss",()=>{r.dispatch(ha,{y:e,goal:t,weights:n??t,dy:r.gradientOf(e).gradient,partials:l},{params:{count:s,c4:T(o)/4,channels:o,slice_vec4s:c,slices:i,image_vec4s:s/e.shape[0],scale:1/Mt(e)},constants:{KIND:fa.indexOf(a),WEIGHTED:+(n!==void 0)},invocations:i}),F(r,l,p,i)}),p}var er=Vt.filter(r=>r!=="gradients"),xe=class r{#e;#r;#t;#n;#a;#o;#s=0;#i;constructor(e,t,a,n){let{topology:o}=t;this.#n=e,this.#a=o,this.#o=t,this.#t=a,this.#e=n,this.#r=ie(e,o)}static async create(e,t){let{topology:a,batch:n,patch:o}=t,s=ie(e,a),i=new z({training:!0}),c=[n,o,o,a.channels],l=i.input("x",c),p=i.input("target",c),d=ce(i,l,a,s),m=(t.balance??0)>0?i.scalars("weights",n):void 0,w=Zt(i,d,p,t.loss,m);i.backward();let{squaredNorm:h}=Qt(i,s),f=i.scalars("total loss",4);F(i,w,f,1,!0),i.output("total loss",f),i.output("squared norm",h);try{return new r(e,t,await oe(e,i),s)}catch(y){throw s[Symbol.dispose](),y}}start(e){let t=new Map([...e].map(([a,n])=>[a,new Float32Array(n.length)]));this.load({values:new Map(e),moment1:t,moment2:t,average:new Map(e)})}load(e){for(let t of er)this.#e.upload(e[t],t);this.#c()}step(e,t){this.#t.write("x",e.input),this.#t.write("target",e.target);let{batch:a,balance:n=0}=this.#o;n>0&&this.#t.write("weights",wa(e,a,n)),this.#t.write("adam",Xt(t)),this.#t.run(),this.#s++}async look(){let[e]=await this.#t.read("total loss"),[t]=await this.#t.read("squared norm"),a={loss:e/this.#s,gradientNorm:Math.sqrt(t)};return this.#c(),a}async state(){let e={};for(let t of er)e[t]=await this.#e.download(t);return e}async validate(e,t){let{channels:a}=this.#a;if(this.#i?.size!==t){this.#i?.plan[Symbol.dispose]();let c=new z({training:!1});c.output("y",ce(c,c.input("x",[1,t,t,a]),this.#a,this.#r)),this.#i={plan:await oe(this.#n,c),size:t}}this.#r.upload(await this.#e.download("average"));let{plan:n}=this.#i;n.refresh();let o=t*t*a,s=e.input.length/o,i=0;for(let c=0;c<s;c++){n.write("x",e.input.subarray(c*o,(c+1)*o)),n.run();let l=await n.read("y"),p=0;for(let d=0;d<o;d++)p+=(Math.min(Math.max(l[d],0),1)-e.target[c*o+d])**2;i+=Math.min(-10*Math.log10(p/o),60)}return i/s}async model(e={}){let t=await this.#e.download("average");return{topology:this.#a,parameters:t,info:ge({loss:this.#o.loss,...e})}}#c(){this.#t.write("total loss",new Float32Array(4)),this.#s=0}[Symbol.dispose](){this.#i?.plan[Symbol.dispose](),this.#t[Symbol.dispose](),this.#e[Symbol.dispose](),this.#r[Symbol.dispose]()}};function wa({input:r,target:e},t,a){let n=new Float32Array(Math.ceil(t/4)*4),o=r.length/t;for(let s=0;s<t;s++){let i=0;for(let c=s*o;c<(s+1)*o;c++)i+=(r[c]-e[c])**2;n[s]=(.003/(i/o+5e-4))**a}return n}function tr(){return self}function _e(r){return(r instanceof Error?r.message:String(r)).replaceAll(/\s+/g," ").trim()||"something failed that says nothing of itself"}var ya=2e8,va=2048,Ae=class r{paired=!1;photos;skipped;#e;constructor(e,t,a){this.photos=e,this.#e=t,this.skipped=a}static async open(e,t){let a=[],n=[],o=[],s=Math.min(va,Math.floor(Math.sqrt(ya/Math.max(e.length,1))));for(let[i,c]of e.entries()){let l=c.webkitRelativePath||c.name;try{let{width:p,height:d,rgb:u}=await ba(c,s);a.push({name:l,width:p,height:d}),n.push(u)}catch(p){o.push(`${l}: ${_e(p)}`)}t(i+1,e.length)}if(a.length===0)throw new x(`None of the ${e.length} files is a photo that this browser can read; choose PNG, JPEG or WebP files`);return new r(a,n,o)}load(e){return Promise.resolve({high:this.#e[e]})}handle(){throw new Error("Cannot open these photos in another thread")}};async function ba(r,e){let t=await createImageBitmap(r,{imageOrientation:"from-image"}),a=Math.min(1,e/Math.max(t.width,t.height)),[n,o]=[t.width,t.height].map(l=>Math.max(1,Math.round(l*a))),s=new OffscreenCanvas(n,o).getContext("2d",{willReadFrequently:!0});s.imageSmoothingQuality="high",s.drawImage(t,0,0,n,o),t.close();let{data:i}=s.getImageData(0,0,n,o),c=new Uint8Array(n*o*3);for(let l=0,p=0;p<c.length;l+=4,p+=3)c[p]=i[l],c[p+1]=i[l+1],c[p+2]=i[l+2];return{width:n,height:o,rgb:c}}var xa=2,ke=class{topology;#e;#r;#t=new Map;constructor(e,t){this.topology=t.topology,this.#e=e,this.#r=ie(e,t.topology),this.#r.upload(t.parameters)}async predict(e,t){let a=await this.#n(t);return a.write("image",e),a.run(),await a.read("restored")}async#n(e){let t=e.join("×"),a=this.#t.get(t);if(a)return this.#t.delete(t),this.#t.set(t,a),a;let n=new z({training:!1});n.output("restored",ce(n,n.input("image",e),this.topology,this.#r));let o=await oe(this.#e,n);this.#t.set(t,o);for(let[s,i]of this.#t){if(this.#t.size<=xa)break;this.#t.delete(s),i[Symbol.dispose]()}return o}[Symbol.dispose](){for(let e of this.#t.values())e[Symbol.dispose]();this.#t.clear(),this.#r[Symbol.dispose]()}};var Te=class extends Error{name="TileTooLargeError"};var Se=class{topology;device;preferredTile;#e;constructor(e,t,a){this.topology=t,this.device=e.adapter.software?`software adapter (${e.adapter.name})`:`GPU (${e.adapter.name})`,this.preferredTile=e.adapter.software?256:512,this.#e=new ke(e,{topology:t,parameters:a})}async run(e,t,a){try{return await this.#e.predict(e,[1,t,a,this.topology.channels])}catch(n){throw n instanceof O?new Te(n.message,{cause:n}):n}}[Symbol.dispose](){this.#e[Symbol.dispose]()}};function rr(r){let e=new Uint8ClampedArray(r.length/3*4);for(let t=0,a=0;t<r.length;t+=3,a+=4){for(let n=0;n<3;n++)e[a+n]=255*r[t+n];e[a+3]=255}return e}var Je=4,_a=96,Aa=60,Pe=class r{#e;#r;#t;#n;constructor(e,t,a){this.#e=e,this.#r=t,this.#t=a;let n=this.#s(t.input);this.#n=n.indexOf(Math.min(...n))}static async draw(e,t){let a=he(t.topology),n=Math.ceil(_a/a)*a;return new r(t.topology,await lt(e,{...t,count:Je,size:n}),n)}async measure(e,t){var c=[];try{let a=X(c,new Se(e,this.#e,t));let{input:n,target:o}=this.#r;let s=new Float32Array(n.length);for(let u=0;u<Je;u++)s.set(await a.run(this.#o(n,u),this.#t,this.#t),u*this.#a);let i=u=>rr(this.#o(u,this.#n));return{psnr:{damaged:ar(this.#s(n)),restored:ar(this.#s(s))},preview:{size:this.#t,damaged:i(n),restored:i(s),original:i(o)}}}catch(l){var p=l,d=!0}finally{de(c,p,d)}}get#a(){return this.#t*this.#t*3}#o(e,t){return e.slice(t*this.#a,(t+1)*this.#a)}#s(e){return Array.from({length:Je},(t,a)=>{let n=0;for(let o=a*this.#a;o<(a+1)*this.#a;o++)n+=(Math.min(Math.max(e[o],0),1)-this.#r.target[o])**2;return Math.min(-10*Math.log10(n/this.#a),Aa)})}};function ar(r){return r.reduce((e,t)=>e+t,0)/r.length}async function nr({name:r,url:e,bytes:t}){if(t)return Ke(t,r);let a=await fetch(e).catch(n=>{throw new x(`Cannot fetch the model ${r}: ${n.message}`,{cause:n})});if(!a.ok)throw new x(`Cannot fetch the model ${r}: the server answered ${a.status}`);return Ke(new Uint8Array(await a.arrayBuffer()),r)}var or="l1",ka=.05,Ta=2500,Sa=8,j=tr(),le=!1;j.onmessage=({data:r})=>{if(r.kind==="stop"){le=!0;return}le=!1,Pa(r.training).catch(e=>j.postMessage({kind:"failed",message:_e(e)}))};async function Pa(r){var $=[];try{let{steps:e,batch:t,patch:a,seed:n,lookEvery:o}=r;let s=dt(r.recipe);let i=await Ra(r);let{topology:c}=i;let l=X($,await ht());let p=await Ae.open(r.files,(S,M)=>j.postMessage({kind:"decoding",done:S,total:M}));let d=pt(p.photos,ka,n);let u=new ee(p,{patch:a,batch:t,seed:n,recipe:s,indices:d.train});let m=await Pe.draw(p,{indices:d.validation,recipe:s,seed:n,topology:c});let w=X($,await xe.create(l,{topology:c,batch:t,patch:a,loss:or}).catch(S=>{throw S instanceof O?new x(`${t} patches of ${a}×${a} do not fit into the GPU's memory: choose less`):S}));w.start(i.parameters);j.postMessage({kind:"ready",device:l.adapter.name,photos:p.photos.length,skipped:p.skipped,parameters:[...i.parameters.values()].reduce((S,{length:M})=>S+M,0)});let h=performance.now();let f=0;let y=0;for(;f<e&&!le;){if(w.step(await u.batch(f),St(f+1,{peak:r.learningRate,steps:e})),f++,await new Promise(q=>setTimeout(q)),f%o!==0&&f<e&&!le)continue;let{loss:S}=await w.look();if(!Number.isFinite(S))throw new x(`The loss is no longer finite at step ${f}: try a smaller learning rate`);let M=performance.now(),pe=f/(M-h)*1e3;if(M<y&&f<e&&!le){j.postMessage({kind:"progress",step:f,loss:S,stepsPerSecond:pe});continue}let{average:Re}=await w.state(),{psnr:K,preview:Q}=await m.measure(l,Re);j.postMessage({kind:"progress",step:f,loss:S,stepsPerSecond:pe,psnr:K,preview:Q},[Q.restored.buffer]);let Me=performance.now()-M;y=performance.now()+Math.max(Ta,Sa*Me)}let{average:g}=await w.state();let{psnr:b}=await m.measure(l,g);let A=ge({name:"own",recipe:s.text,seed:n,steps:f,loss:or,data:`${p.photos.length} photos of one's own`,metrics:{"held-out psnr":Number(b.restored.toFixed(3))},created:new Date().toISOString(),version:Xe,note:r.init?`trained in a web page, from the weights of ${r.init.name}`:"trained in a web page"});let k=At({topology:c,parameters:g,info:A});j.postMessage({kind:"done",step:f,stopped:f<e,file:k},[k.buffer])}catch(D){var E=D,W=!0}finally{de($,E,W)}}async function Ra(r){if(r.init)return await nr(r.init);let e=fe({base:r.base,depth:r.depth});return{topology:e,parameters:gt(e,r.seed)}}

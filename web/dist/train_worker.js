var nt=(r,e)=>(e=Symbol[r])?e:Symbol.for("Symbol."+r),st=r=>{throw TypeError(r)};var ne=(r,e,t)=>{if(e!=null){typeof e!="object"&&typeof e!="function"&&st("Object expected");var a,o;t&&(a=e[nt("asyncDispose")]),a===void 0&&(a=e[nt("dispose")],t&&(o=a)),typeof a!="function"&&st("Object not disposable"),o&&(a=function(){try{o.call(this)}catch(n){return Promise.reject(n)}}),r.push([t,a,e])}else t&&r.push([t]);return e},ye=(r,e,t)=>{var a=typeof SuppressedError=="function"?SuppressedError:function(s,i,c,p){return p=Error(c),p.name="SuppressedError",p.error=s,p.suppressed=i,p},o=s=>e=t?new a(s,e,"An error was suppressed during disposal"):(t=!0,s),n=s=>{for(;s=r.pop();)try{var i=s[1]&&s[1].call(s[2]);if(s[0])return Promise.resolve(i).then(n,c=>(o(c),n()))}catch(c){o(c)}if(t)throw e};return n()};var x=class extends Error{name="UserError";constructor(e,t){super(e,t),this.exitCode=t?.exitCode??1}exitCode};var it="0.1.0";var Y=class{#e;constructor(...e){let t=2654435769;this.#e=new Uint32Array(4);let a=e.flatMap(o=>[o>>>0,Math.floor(o/2**32)>>>0]);for(let o of a)t=lt(t^o);for(let o=0;o<4;o++)this.#e[o]=t=lt(t+2654435769>>>0);this.#e[0]|=1}uint32(){let e=this.#e,t=Math.imul(e[1],5),a=Math.imul(t<<7|t>>>25,9)>>>0,o=e[1]<<9;return e[2]^=e[0],e[3]^=e[1],e[1]^=e[2],e[0]^=e[3],e[2]^=o,e[3]=e[3]<<11|e[3]>>>21,a}uniform(){return this.uint32()/2**32}between(e,t){return e+(t-e)*this.uniform()}below(e){return Math.floor(this.uniform()*e)}normal(){return Math.sqrt(-2*Math.log(1-this.uniform()))*Math.cos(2*Math.PI*this.uniform())}shuffled(e){let t=[...e];for(let a=t.length-1;a>0;a--){let o=this.below(a+1);[t[a],t[o]]=[t[o],t[a]]}return t}};function lt(r){let e=Math.imul(r^r>>>16,2246822507);return e=Math.imul(e^e>>>13,3266489909),(e^e>>>16)>>>0}function we(r,e,t,a){let o=new Uint8Array(a.width*a.height*3),n=a.left>=0&&a.left+a.width<=e;for(let s=0;s<a.height;s++){let i=ct(a.top+s,t)*e*3,c=s*a.width*3;if(n){o.set(r.subarray(i+a.left*3,i+(a.left+a.width)*3),c);continue}for(let p=0;p<a.width;p++){let l=i+ct(a.left+p,e)*3;for(let d=0;d<3;d++)o[c+p*3+d]=r[l+d]}}return o}function ct(r,e){let t=Math.max(2*(e-1),1),a=(r%t+t)%t;return a<e?a:t-a}function se(r,e,t,a,o){let{rgb:n,width:s,left:i,top:c}=a,[p,l]=o&4?[s*3,3]:[3,s*3],d=o&1?-p:p,u=o&2?-l:l,m=(c*s+i)*3+(o&1?p*(t-1):0)+(o&2?l*(t-1):0),g=e;for(let f=0;f<t;f++){let h=m+f*u;for(let y=0;y<t;y++,h+=d,g+=3)r[g]=n[h]/255,r[g+1]=n[h+1]/255,r[g+2]=n[h+2]/255}}function Fe(r){let e=Math.ceil(3*r),t=new Float64Array(e+1),a=0;for(let o=0;o<=e;o++)t[o]=o===0?1:Math.exp(-(o*o)/(2*r*r)),a+=o===0?t[o]:2*t[o];return t.map(o=>o/a)}function ve(r,e,t,a){let o=Fe(a),n=o.length-1;if(n===0)return;let s=e*3,i=new Float32Array(s+n*6);for(let p=0;p<t;p++){let l=p*s,d=l+s-3;i.set(r.subarray(l,l+s),n*3);for(let u=0;u<n*3;u++)i[u]=r[l+u%3],i[n*3+s+u]=r[d+u%3];for(let u=0;u<s;u++){let m=u+n*3,g=o[0]*i[m];for(let f=1;f<=n;f++)g+=o[f]*(i[m-3*f]+i[m+3*f]);r[l+u]=g}}let c=r.slice();for(let p=0;p<t;p++){let l=p*s;for(let d=0;d<s;d++)r[l+d]=o[0]*c[l+d];for(let d=1;d<=n;d++){let u=Math.max(p-d,0)*s,m=Math.min(p+d,t-1)*s,g=o[d];for(let f=0;f<s;f++)r[l+f]+=g*(c[u+f]+c[m+f])}}}async function pt(r,e,t,a){let{OffscreenCanvas:o}=globalThis,n=o&&new o(e,t),s=n?.getContext("2d",{willReadFrequently:!0});if(!n||!s)throw new x("Cannot degrade through JPEG: no codec was given, and there is no canvas to do it");let i=new Uint8ClampedArray(e*t*4).fill(255);for(let u=0,m=0;u<r.length;u+=3,m+=4)i[m]=r[u],i[m+1]=r[u+1],i[m+2]=r[u+2];s.putImageData(new ImageData(i,e,t),0,0);let c=await n.convertToBlob({type:"image/jpeg",quality:a/100}),p=await createImageBitmap(c,{colorSpaceConversion:"none"});s.drawImage(p,0,0),p.close();let{data:l}=s.getImageData(0,0,e,t),d=new Uint8Array(e*t*3);for(let u=0,m=0;m<d.length;u+=4,m+=3)d[m]=l[u],d[m+1]=l[u+1],d[m+2]=l[u+2];return d}var X=65536,Ie;function Or(){if(Ie)return Ie;let r=new Float32Array(X),e=0;for(let a=0;a<X/2;a++){let o=$r((a+.5)/X);e+=2*o*o,r[a]=o}let t=Math.sqrt(X/e);for(let a=0;a<X/2;a++)r[a]*=t,r[X-1-a]=-r[a];return Ie=r}function $r(r){if(r<.02425){let a=Math.sqrt(-2*Math.log(r));return(((((-.007784894002430293*a-.3223964580411365)*a-2.400758277161838)*a-2.549732539343734)*a+4.374664141464968)*a+2.938163982698783)/((((.007784695709041462*a+.3224671290700398)*a+2.445134137142996)*a+3.754408661907416)*a+1)}let e=r-.5,t=e*e;return(((((-39.69683028665376*t+220.9460984245205)*t-275.9285104469687)*t+138.357751867269)*t-30.66479806614716)*t+2.506628277459239)*e/(((((-54.47609879822406*t+161.5858368580409)*t-155.6989798598866)*t+66.80131188771972)*t-13.28068155288572)*t+1)}function Be(r,e,t){if(e===0)return;let a=Or();for(let o=0;o<r.length;o+=2){let n=t.uint32();r[o]+=e*a[n&65535],o+1<r.length&&(r[o+1]+=e*a[n>>>16])}}var dt=4;function ut(r,e,t,a,o){if(a===0)return;let n=o.between(.4,1.2),s=o.uniform(),i=new Float32Array(r.length);Be(i,1,o);for(let l=0;l<i.length;l+=3){let d=i[l];for(let u of[1,2])i[l+u]=Math.sqrt(s)*d+Math.sqrt(1-s)*i[l+u]}ve(i,e,t,n);let p=Fe(n).reduce((l,d,u)=>l+(u===0?1:2)*d*d,0);for(let l=0;l<r.length;l++)r[l]+=a/p*i[l]}function mt(r,e,t){let a=e*4294967296,o=a/2;for(let n=0;n<r.length;n+=3){let s=t.uint32();s<a&&(r[n]=r[n+1]=r[n+2]=s<o?0:255)}}function Cr(r){let e=Math.abs(r);return e<=1?(1.5*e-2.5)*e*e+1:e<2?((-.5*e+2.5)*e-4)*e+2:0}function ft(r,e){let t=r/e,a=Math.max(t,1),o=Math.ceil(4*a)+1,n=new Int32Array(e*o),s=new Float64Array(e*o);for(let i=0;i<e;i++){let c=(i+.5)*t-.5,p=Math.ceil(c-2*a),l=0;for(let d=0;d<o;d++){let u=Cr((p+d-c)/a);n[i*o+d]=Er(p+d,r),s[i*o+d]=u,l+=u}for(let d=0;d<o;d++)s[i*o+d]/=l}return{positions:n,weights:s,count:o}}function Er(r,e){let t=2*e,a=(r%t+t)%t;return a<e?a:t-1-a}function be(r,e,t,a,o,n=3){let s=ft(e,a),i=new Float32Array(t*a*n);for(let d=0;d<t;d++){let u=d*e;for(let m=0;m<a;m++){let g=(d*a+m)*n;for(let f=0;f<n;f++){let h=0;for(let y=m*s.count,b=y+s.count;y<b;y++)h+=s.weights[y]*r[(u+s.positions[y])*n+f];i[g+f]=h}}}let c=ft(t,o),p=new Float32Array(o*a*n),l=a*n;for(let d=0;d<o;d++)for(let u=d*c.count,m=u+c.count;u<m;u++){let g=c.positions[u]*l,f=c.weights[u];for(let h=0,y=d*l;h<l;h++)p[y+h]+=f*i[g+h]}return p}async function gt(r,e,t,a,o,n=pt){if(r.length!==e*t*3)throw new RangeError(`Cannot degrade: ${r.length} samples are not ${e}×${t} RGB pixels`);if(a.length===0)return r.slice();let s=Float32Array.from(r),[i,c]=[e,t];for(let{name:p,strength:l}of a)if(p==="blur")ve(s,i,c,l);else if(p==="gaussian")Be(s,l,o);else if(p==="grain")ut(s,i,c,l,o);else if(p==="salt-pepper")mt(s,l,o);else if(p==="jpeg")s=Float32Array.from(await n(ht(s),i,c,l));else if(p==="downscale")s=Nr(s,i,c,l);else{if(i%l||c%l)throw new RangeError(`Cannot shrink ${i}×${c} by ${l}`);s=be(s,i,c,i/l,c/l),[i,c]=[i/l,c/l]}return ht(s)}function yt(r){let e=0,t=1;for(let{name:a,strength:o}of r)a==="blur"?e+=t*Math.ceil(3*o):a==="grain"?e+=t*dt:a==="jpeg"?e+=t*16:a==="downscale"&&o>1?e+=t*Math.ceil(4*o):a==="shrink"&&(e+=t*2*o,t*=o);return Math.ceil(e/t)*t}function ht(r){return new Uint8Array(Uint8ClampedArray.from(r).buffer)}function Nr(r,e,t,a){let o=Math.max(1,Math.round(e/a)),n=Math.max(1,Math.round(t/a)),s=be(r,e,t,o,n);return be(s,o,n,e,t)}var Ur=2,Gr=20,ie=class{#e;#r;#t;#o;constructor(e,t){let{patch:a,batch:o}=t;if(!(Number.isInteger(a)&&a>0&&Number.isInteger(o)&&o>0))throw new RangeError(`Cannot cut patches: ${o} of ${a} pixels is not a batch`);if(!t.recipe&&!e.paired)throw new x("Plain photos need a degradation recipe: give one, e.g. --degrade photo");if(this.#e=e,this.#r=t,this.#t=t.indices??e.photos.map((s,i)=>i),this.#t.length===0)throw new x("There is no photo to cut patches from: give more photos");let n=0;this.#o=Float64Array.from(this.#t,s=>{let{width:i,height:c}=e.photos[s];return n+=i*c})}async batch(e){let{batch:t,patch:a}=this.#r,o=new Float32Array(t*a*a*3),n=new Float32Array(o.length*(this.#r.recipe?.scale??1)**2),s=Array.from({length:t},(i,c)=>this.#a(e,c,o,n));return await Promise.all(s),{input:o,target:n}}async#a(e,t,a,o){let{seed:n,batch:s,patch:i,recipe:c,jpeg:p,onto:l="high",augment:d=!0}=this.#r,u=c?.scale??1,m=i*u,g=new Y(n,e,t),{index:f,high:h,low:y}=await this.#n(g,e*s+t),{width:b,height:w}=this.#e.photos[f],P=Array.from({length:d?Ur:1},()=>({left:u*g.below(Math.floor(Math.max(b-m,0)/u)+1),top:u*g.below(Math.floor(Math.max(w-m,0)/u)+1)})),{left:S,top:G}=Fr(h,b,w,m,P),E=d?g.below(8):0,N=t*i*i*3;if(!c){let j=Mr=>we(Mr,b,w,{left:S,top:G,width:i,height:i});se(a,N,i,{rgb:j(y),width:i,left:0,top:0},E),se(o,N,i,{rgb:j(h),width:i,left:0,top:0},E);return}let A=c.sample(g),M=yt(A),z=A.some(({name:j})=>j==="jpeg")?16:1,re=Math.max(S-M+u*g.below(z),0),ae=Math.max(G-M+u*g.below(z),0),oe=j=>Math.max(j-j%u,m),Ne=Math.min(S+m+M,oe(b)),Ue=Math.min(G+m+M,oe(w)),J={left:re,top:ae,width:Ne-re,height:Ue-ae},ot=we(h,b,w,J),Tr=l==="low"&&y?we(y,b,w,J):ot,Pr=await gt(Tr,J.width,J.height,A,g,p),Ge={left:S-re,top:G-ae};se(o,N*u**2,m,{rgb:ot,width:J.width,...Ge},E);let Rr={width:J.width/u,left:Ge.left/u,top:Ge.top/u};se(a,N,i,{rgb:Pr,...Rr},E)}async#n(e,t){for(let a=0;;a++){let o=this.#r.choose==="each"?(t+a)%this.#t.length:this.#s(e.uniform()),n=this.#t[o];try{return{index:n,...await this.#e.load(n)}}catch(s){if(!(s instanceof x)||a===Gr)throw s}}}#s(e){let t=e*this.#o[this.#o.length-1],a=0,o=this.#o.length-1;for(;a<o;){let n=a+o>>1;this.#o[n]>t?o=n:a=n+1}return a}};function Fr(r,e,t,a,o){let n=({left:i,top:c})=>{let p=0;for(let l=c;l<Math.min(c+a,t);l+=4)for(let d=i;d+1<Math.min(i+a,e);d+=4){let u=(l*e+d)*3+1;p+=Math.abs(r[u]-r[u+3])}return p},s=o.map(n);return o[s.indexOf(Math.max(...s))]}var Ir=2**40;function wt(r,e){let{count:t,size:a,seed:o,indices:n,recipe:s,jpeg:i,onto:c}=e;return new ie(r,{patch:a,batch:t,seed:o,indices:n,recipe:s,jpeg:i,onto:c,augment:!1,choose:"each"}).batch(Ir)}function vt(r,e,t){if(!(e>=0&&e<1))throw new RangeError(`Cannot split: the held-out share must be in 0..1, got ${e}`);let a=r.map((c,p)=>p);if(e===0)return{train:a,validation:[]};if(r.length<=1)return{train:a,validation:a};let o=Math.min(Math.max(Math.round(e*r.length),1),r.length-1),n=r.map(({name:c})=>Br(c,t)),s=a.toSorted((c,p)=>n[c]-n[p]||c-p),i=new Set(s.slice(0,o));return{train:a.filter(c=>!i.has(c)),validation:a.filter(c=>i.has(c))}}function Br(r,e){let t=2166136261^e;for(let a=0;a<r.length;a++)t=Math.imul(t^r.charCodeAt(a),16777619);return t=Math.imul(t^t>>>16,2246822507),t=Math.imul(t^t>>>13,3266489909),(t^t>>>16)>>>0}var Ke={blur:{low:0,high:20,meaning:"sigma in pixels",example:"blur:0.5-2"},gaussian:{low:0,high:255,meaning:"sigma of the noise",example:"gaussian:25"},grain:{low:0,high:255,meaning:"sigma of coarse noise",example:"grain:10"},"salt-pepper":{low:0,high:1,meaning:"share of the pixels",example:"salt-pepper:0.01"},jpeg:{low:1,high:100,meaning:"quality",example:"jpeg:30-90"},downscale:{low:1,high:16,meaning:"factor",example:"downscale:2"},shrink:{low:2,high:4,meaning:"whole factor, the photo stays small",example:"shrink:2"}},xe={none:"none",trial1:"none",trial2:"blur:1-2",trial3:"salt-pepper:0.02,blur:2-3",trial4:"salt-pepper:0-0.01,blur:0.5-1.5 | blur:0.5-1.5,salt-pepper:0-0.02 | mix(blur:0.5-1.5,salt-pepper:0-0.02,gaussian:0-15)",photo:"6*mix(blur:0-2*2,gaussian:0-30*5,salt-pepper:0-0.03,jpeg:25-100*2) | 2*gaussian:10-30 | 2*salt-pepper:0-0.03,blur:0.5-2 | blur:0-2,salt-pepper:0-0.03"},Dr=.1,Kr=.2,Lr=.75;function bt(r){let e=r.trim(),a=(Object.hasOwn(xe,e)?xe[e]:e).split("|").map(i=>zr(i.trim(),r)),o=jr(a.map(({items:i})=>i),r),n=a.reduce((i,{weight:c})=>i+c,0),s=a.map(({weight:i,items:c})=>`${i===1?"":`${le(i)}*`}${Vr(c)}`).join(" | ");return{name:Object.hasOwn(xe,e)?e:s,text:s,scale:o,sample:i=>{let c=a.length>1?i.uniform()*n:0,{items:p}=a.find(({weight:l})=>(c-=l)<0)??a[a.length-1];return p.flatMap(l=>"mix"in l?Wr(l.mix,i):xt(l.step,i))}}}function zr(r,e){let t=r.match(/^(\d*\.?\d+)\s*\*\s*(.*)$/),a=t?Number(t[1]):1;if(a===0)throw F(e,`'${r}' has the weight 0`);let o=t?t[2]:r;return{weight:a,items:o==="none"?[]:_t(o,e).map(n=>qr(n,e))}}function jr(r,e){let t=r.map(a=>a.reduce((o,n)=>{if("mix"in n){if(n.mix.some(({name:p})=>p==="shrink"))throw F(e,"a mix cannot shrink the photo");return o}let{name:s,low:i,high:c}=n.step;if(s!=="shrink")return o;if(i!==c||!Number.isInteger(i))throw F(e,"shrink takes one whole factor");return o*i},1));if(new Set(t).size>1)throw F(e,"its alternatives shrink the photo differently");return t[0]}function xt({name:r,low:e,high:t},a){let o=a.between(e,t);return{name:r,strength:r==="jpeg"?Math.round(o):o}}function Wr(r,e){if(e.uniform()<Dr)return[];let t=e.uniform()*r.reduce((i,{weight:c})=>i+c,0),a=r.findIndex(({weight:i})=>(t-=i)<0),o=a<0?r.length-1:a,n=e.shuffled(r.filter((i,c)=>c===o||e.uniform()<Kr)),s=n.findIndex(i=>i.name==="jpeg");return s>=0&&e.uniform()<Lr&&n.push(...n.splice(s,1)),n.map(i=>xt(i,e))}function _t(r,e){let t=r.match(/(?:[^,()]|\([^()]*\))+/g)??[];if(r.trim()==="")throw F(e,"it is empty or has an empty mix");if(t.join(",")!==r)throw F(e,"a comma or a bracket is misplaced");return t.map(a=>a.trim())}function qr(r,e){let t=r.match(/^mix\((.*)\)$/);return t?{mix:_t(t[1],e).map(a=>{let o=a.match(/^(.*?)\s*\*\s*(\d*\.?\d+)$/);if(!o)return De(a,e);let n=Number(o[2]);if(n===0)throw F(e,`'${a}' has the weight 0`);return{...De(o[1],e),weight:n}})}:{step:De(r,e)}}function De(r,e){let t=r.match(/^([a-z-]+)\s*:\s*(\d*\.?\d+)(?:\s*-\s*(\d*\.?\d+))?$/);if(!t)throw F(e,`'${r}' is not NAME:STRENGTH or NAME:LOW-HIGH`);let[,a,o,n=o]=t;if(!Object.hasOwn(Ke,a))throw F(e,`there is no step '${a}'`);let s=Ke[a],i=Number(o),c=Number(n);if(i>c)throw F(e,`'${r}' has its range the wrong way round`);if(i<s.low||c>s.high)throw F(e,`'${r}' is outside ${s.low}..${s.high} (${s.meaning})`);return{name:a,low:i,high:c,weight:1}}function Vr(r){let e=({name:t,low:a,high:o,weight:n})=>`${t}:${a===o?le(a):`${le(a)}-${le(o)}`}${n===1?"":`*${le(n)}`}`;return r.map(t=>"mix"in t?`mix(${t.mix.map(e).join(",")})`:e(t.step)).join(",")||"none"}function le(r){return String(r).includes("e")?r.toFixed(20).replace(/\.?0+$/,""):String(r)}function F(r,e){let t=Object.values(Ke).map(({example:a,meaning:o,low:n,high:s})=>`${a} (${o}, ${n}..${s})`);return new x(`Cannot read the degradation recipe '${r}': ${e}; steps are ${t.join(", ")}, joined by commas, as mix(...) or as alternatives parted by |; presets are ${Object.keys(xe).join(", ")}`,{exitCode:2})}var v=class extends Error{name="GpuError"},U=class extends v{name="GpuOutOfMemoryError"},W=class extends v{name="GpuLostError"};var Le={activation:`// Included by kernels that fuse an activation: 0 none, 1 relu, 2 leaky relu with slope 0.1 (LEAKY_SLOPE in src/nn/topology.ts).
override ACTIVATION: u32 = 0u;

fn activate_as(v: vec4f, kind: u32) -> vec4f {
  if (kind == 1u) { return max(v, vec4f()); }
  if (kind == 2u) { return max(v, 0.1 * v); }
  return v;
}

// Derivative of the activation, from its value y = activate(v): both kinds keep the sign of v.
fn slope_as(y: vec4f, kind: u32) -> vec4f {
  if (kind == 1u) { return select(vec4f(), vec4f(1.0), y > vec4f()); }
  if (kind == 2u) { return select(vec4f(0.1), vec4f(1.0), y > vec4f()); }
  return vec4f(1.0);
}

fn activate(v: vec4f) -> vec4f { return activate_as(v, ACTIVATION); }

fn activation_slope(y: vec4f) -> vec4f { return slope_as(y, ACTIVATION); }
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
`,conv2d_tile:`// Included by conv2d_tile8 and conv2d_tile8x4, which compute a tile of pixels by 8 outputs an invocation:
// convolution 3×3, stride 1, 'same': y = activate(bias + sum over ky,kx,c of x[n, y+ky-1, x+kx-1, c] * w[ky,kx,c,:]).
// The same kernel is the input gradient, with transposed and turned weights (conv2d_pack): then
// dx = (sum) * activation_slope(x), added to what dx holds when params.accumulate is set.
// x: one source [N,H,W,4·x4] f32, of half the size when params.shift is 1 (nearest upsampling by the address). Of two joined
// sources the first is run with params.activation 0, and the second adds to it (MODE 2). y: [N,H,W,4·out4] f32.
// Channels beyond the tensor's own are zero.
// w: blocks of 8 outputs, \`params.block_vec4s\` apart: [9 taps][in4][4 inputs][2] vec4 over outputs, then 2 vec4 of bias; as many
// blocks as 64 KiB hold. params.first4 is the source's place among the in4.
struct Params {
  batch: i32, height: i32, width: i32,
  x4: i32, first4: i32, in4: i32, shift: u32,
  out4: i32, first_block: i32, block_vec4s: i32,
  accumulate: i32, activation: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<uniform> w: array<vec4f, 4096>;
@group(0) @binding(3) var<storage, read> activated: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> y: array<vec4f>;

// 0: input gradient (activation_slope of \`activated\`, accumulate). 1: forward (bias, activation). 2: forward, added to what y holds
// instead of to the bias.
override MODE: u32 = 1u;

// Ten pixels of a row of x, four channels: the eight of the tile and one on either side.
struct Pixels {
  v0: vec4f,
  v1: vec4f,
  v2: vec4f,
  v3: vec4f,
  v4: vec4f,
  v5: vec4f,
  v6: vec4f,
  v7: vec4f,
  v8: vec4f,
  v9: vec4f,
}
// Eight pixels of a row of y, four channels.
struct Sums {
  s0: vec4f,
  s1: vec4f,
  s2: vec4f,
  s3: vec4f,
  s4: vec4f,
  s5: vec4f,
  s6: vec4f,
  s7: vec4f,
}
// A tap's weights of four inputs by four outputs.
struct Tap {
  i0: vec4f,
  i1: vec4f,
  i2: vec4f,
  i3: vec4f,
}

fn tap(at: i32) -> Tap { return Tap(w[at], w[at + 2], w[at + 4], w[at + 6]); }

// Pixels outside of the image count as zero; the load itself is kept inside the row.
fn pixel(base: i32, column: i32, c: i32, inside: bool) -> vec4f {
  let kept = clamp(column, 0, params.width - 1);
  return select(vec4f(), x[(base + (kept >> params.shift)) * params.x4 + c], inside && column == kept);
}

fn pixels(n: i32, row: i32, x0: i32, c: i32) -> Pixels {
  let kept = clamp(row, 0, params.height - 1);
  let inside = row == kept;
  let base = (n * (params.height >> params.shift) + (kept >> params.shift)) * (params.width >> params.shift);
  return Pixels(
    pixel(base, x0 - 1, c, inside),
    pixel(base, x0, c, inside),
    pixel(base, x0 + 1, c, inside),
    pixel(base, x0 + 2, c, inside),
    pixel(base, x0 + 3, c, inside),
    pixel(base, x0 + 4, c, inside),
    pixel(base, x0 + 5, c, inside),
    pixel(base, x0 + 6, c, inside),
    pixel(base, x0 + 7, c, inside),
    pixel(base, x0 + 8, c, inside),
  );
}

fn mac(sum: vec4f, v: vec4f, t: Tap) -> vec4f {
  return fma(t.i3, vec4f(v.w), fma(t.i2, vec4f(v.z), fma(t.i1, vec4f(v.y), fma(t.i0, vec4f(v.x), sum))));
}

// Adds a row of three taps over a row of pixels.
fn taps(before: Sums, v: Pixels, left: Tap, middle: Tap, right: Tap) -> Sums {
  var s = before;
  s.s0 = mac(s.s0, v.v0, left);
  s.s1 = mac(s.s1, v.v1, left);
  s.s2 = mac(s.s2, v.v2, left);
  s.s3 = mac(s.s3, v.v3, left);
  s.s4 = mac(s.s4, v.v4, left);
  s.s5 = mac(s.s5, v.v5, left);
  s.s6 = mac(s.s6, v.v6, left);
  s.s7 = mac(s.s7, v.v7, left);
  s.s0 = mac(s.s0, v.v1, middle);
  s.s1 = mac(s.s1, v.v2, middle);
  s.s2 = mac(s.s2, v.v3, middle);
  s.s3 = mac(s.s3, v.v4, middle);
  s.s4 = mac(s.s4, v.v5, middle);
  s.s5 = mac(s.s5, v.v6, middle);
  s.s6 = mac(s.s6, v.v7, middle);
  s.s7 = mac(s.s7, v.v8, middle);
  s.s0 = mac(s.s0, v.v2, right);
  s.s1 = mac(s.s1, v.v3, right);
  s.s2 = mac(s.s2, v.v4, right);
  s.s3 = mac(s.s3, v.v5, right);
  s.s4 = mac(s.s4, v.v6, right);
  s.s5 = mac(s.s5, v.v7, right);
  s.s6 = mac(s.s6, v.v8, right);
  s.s7 = mac(s.s7, v.v9, right);
  return s;
}

fn eight(value: vec4f) -> Sums { return Sums(value, value, value, value, value, value, value, value); }

// What y holds, to add to; a pixel outside of the row reads one inside, and is not stored.
fn loaded(at: i32, last: i32) -> Sums {
  return Sums(
    y[at],
    y[at + min(1, last) * params.out4],
    y[at + min(2, last) * params.out4],
    y[at + min(3, last) * params.out4],
    y[at + min(4, last) * params.out4],
    y[at + min(5, last) * params.out4],
    y[at + min(6, last) * params.out4],
    y[at + min(7, last) * params.out4],
  );
}

fn put(at: i32, value: vec4f) {
  if (MODE != 0u) {
    y[at] = activate_as(value, params.activation);
  } else {
    var gradient = value * slope_as(activated[at], params.activation);
    if (params.accumulate != 0) { gradient += y[at]; }
    y[at] = gradient;
  }
}

// Stores a row of which the pixels up to \`last\` are inside of the image.
fn store(at: i32, last: i32, s: Sums) {
  put(at, s.s0);
  if (last >= 1) { put(at + 1 * params.out4, s.s1); }
  if (last >= 2) { put(at + 2 * params.out4, s.s2); }
  if (last >= 3) { put(at + 3 * params.out4, s.s3); }
  if (last >= 4) { put(at + 4 * params.out4, s.s4); }
  if (last >= 5) { put(at + 5 * params.out4, s.s5); }
  if (last >= 6) { put(at + 6 * params.out4, s.s6); }
  if (last >= 7) { put(at + 7 * params.out4, s.s7); }
}
`,conv2d_tile8:`// Convolution 3×3 and its input gradient, as conv2d_tile.wgsl says (included before this).
// An invocation owns 8 pixels of a row by 8 outputs: 16 vec4 accumulators, no barrier, no workgroup memory. An eighth of the code of
// conv2d_tile8x4, so it compiles quickly everywhere, and its accumulators fit into the registers of a GPU.
@compute @workgroup_size(64)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let across = (params.width + 7) / 8;
  let tile = i32(id.x + id.y * groups.x * 64u);
  if (tile >= params.batch * across * params.height) { return; }
  let x0 = (tile % across) * 8;
  let y0 = tile / across % params.height;
  let n = tile / (across * params.height);
  let block = i32(group.z) * params.block_vec4s;
  let out = (params.first_block + i32(group.z)) * 2;
  let two = out + 1 < params.out4;
  let last = min(7, params.width - 1 - x0);
  let at = ((n * params.height + y0) * params.width + x0) * params.out4 + out;

  let bias = block + 72 * params.in4;
  var s0 = eight(w[bias]);
  var s1 = eight(w[bias + 1]);
  if (MODE == 2u) {
    s0 = loaded(at, last);
    s1 = loaded(at + select(0, 1, two), last);
  }

  let step = params.in4 * 8;
  for (var c = 0; c < params.x4; c++) {
    for (var ky = 0; ky < 3; ky++) {
      let row = y0 + ky - 1;
      if (row < 0 || row >= params.height) { continue; }
      let v = pixels(n, row, x0, c);
      let first = block + (ky * 3 * params.in4 + params.first4 + c) * 8;
      s0 = taps(s0, v, tap(first), tap(first + step), tap(first + 2 * step));
      s1 = taps(s1, v, tap(first + 1), tap(first + step + 1), tap(first + 2 * step + 1));
    }
  }

  store(at, last, s0);
  if (two) { store(at + 1, last, s1); }
}
`,conv2d_tile8x4:`// Convolution 3×3 and its input gradient, as conv2d_tile.wgsl says (included before this).
// An invocation owns 8×4 pixels by 8 outputs: 64 vec4 accumulators, no barrier, no workgroup memory. On a software adapter a load
// of a vec4 costs as much as twenty multiply-adds of one, whatever it is loaded from: so the tile is large, every pixel and weight
// is loaded once for each four inputs, and the sums spill to the stack, which is cheap. A compiler that takes long over straight code
// (SwiftShader's: minutes) is better served by conv2d_tile8.
@compute @workgroup_size(64)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let across = (params.width + 7) / 8;
  let down = (params.height + 3) / 4;
  let tile = i32(id.x + id.y * groups.x * 64u);
  if (tile >= params.batch * across * down) { return; }
  let x0 = (tile % across) * 8;
  let y0 = (tile / across % down) * 4;
  let n = tile / (across * down);
  let block = i32(group.z) * params.block_vec4s;
  let out = (params.first_block + i32(group.z)) * 2;
  let two = out + 1 < params.out4;
  let last = min(7, params.width - 1 - x0);
  let row_vec4s = params.width * params.out4;
  let at = ((n * params.height + y0) * params.width + x0) * params.out4 + out;

  let bias = block + 72 * params.in4;
  var s00 = eight(w[bias]);
  var s01 = eight(w[bias + 1]);
  var s10 = eight(w[bias]);
  var s11 = eight(w[bias + 1]);
  var s20 = eight(w[bias]);
  var s21 = eight(w[bias + 1]);
  var s30 = eight(w[bias]);
  var s31 = eight(w[bias + 1]);
  if (MODE == 2u) {
    // Rows and outputs outside read inside, and are not stored.
    let more = select(0, 1, two);
    s00 = loaded(at, last);
    s01 = loaded(at + more, last);
    s10 = loaded(at + min(1, params.height - 1 - y0) * row_vec4s, last);
    s11 = loaded(at + min(1, params.height - 1 - y0) * row_vec4s + more, last);
    s20 = loaded(at + min(2, params.height - 1 - y0) * row_vec4s, last);
    s21 = loaded(at + min(2, params.height - 1 - y0) * row_vec4s + more, last);
    s30 = loaded(at + min(3, params.height - 1 - y0) * row_vec4s, last);
    s31 = loaded(at + min(3, params.height - 1 - y0) * row_vec4s + more, last);
  }

  for (var c = 0; c < params.x4; c++) {
    let first = block + (params.first4 + c) * 8;
    let step = params.in4 * 8;
    let w000 = tap(first);
    let w001 = tap(first + 1);
    let w010 = tap(first + step);
    let w011 = tap(first + step + 1);
    let w020 = tap(first + 2 * step);
    let w021 = tap(first + 2 * step + 1);
    let w100 = tap(first + 3 * step);
    let w101 = tap(first + 3 * step + 1);
    let w110 = tap(first + 4 * step);
    let w111 = tap(first + 4 * step + 1);
    let w120 = tap(first + 5 * step);
    let w121 = tap(first + 5 * step + 1);
    let w200 = tap(first + 6 * step);
    let w201 = tap(first + 6 * step + 1);
    let w210 = tap(first + 7 * step);
    let w211 = tap(first + 7 * step + 1);
    let w220 = tap(first + 8 * step);
    let w221 = tap(first + 8 * step + 1);
    let v0 = pixels(n, y0 - 1, x0, c);
    s00 = taps(s00, v0, w000, w010, w020);
    s01 = taps(s01, v0, w001, w011, w021);
    let v1 = pixels(n, y0, x0, c);
    s00 = taps(s00, v1, w100, w110, w120);
    s01 = taps(s01, v1, w101, w111, w121);
    s10 = taps(s10, v1, w000, w010, w020);
    s11 = taps(s11, v1, w001, w011, w021);
    let v2 = pixels(n, y0 + 1, x0, c);
    s00 = taps(s00, v2, w200, w210, w220);
    s01 = taps(s01, v2, w201, w211, w221);
    s10 = taps(s10, v2, w100, w110, w120);
    s11 = taps(s11, v2, w101, w111, w121);
    s20 = taps(s20, v2, w000, w010, w020);
    s21 = taps(s21, v2, w001, w011, w021);
    let v3 = pixels(n, y0 + 2, x0, c);
    s10 = taps(s10, v3, w200, w210, w220);
    s11 = taps(s11, v3, w201, w211, w221);
    s20 = taps(s20, v3, w100, w110, w120);
    s21 = taps(s21, v3, w101, w111, w121);
    s30 = taps(s30, v3, w000, w010, w020);
    s31 = taps(s31, v3, w001, w011, w021);
    let v4 = pixels(n, y0 + 3, x0, c);
    s20 = taps(s20, v4, w200, w210, w220);
    s21 = taps(s21, v4, w201, w211, w221);
    s30 = taps(s30, v4, w100, w110, w120);
    s31 = taps(s31, v4, w101, w111, w121);
    let v5 = pixels(n, y0 + 4, x0, c);
    s30 = taps(s30, v5, w200, w210, w220);
    s31 = taps(s31, v5, w201, w211, w221);
  }

  store(at, last, s00);
  if (two) { store(at + 1, last, s01); }
  if (y0 + 1 < params.height) {
    store(at + row_vec4s, last, s10);
    if (two) { store(at + row_vec4s + 1, last, s11); }
  }
  if (y0 + 2 < params.height) {
    store(at + 2 * row_vec4s, last, s20);
    if (two) { store(at + 2 * row_vec4s + 1, last, s21); }
  }
  if (y0 + 3 < params.height) {
    store(at + 3 * row_vec4s, last, s30);
    if (two) { store(at + 3 * row_vec4s + 1, last, s31); }
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
// An invocation owns 8 inputs by 8 outputs for one row of taps (48 vec4 accumulators) and walks the rows of its slice from left to
// right, two pixels at a time: each column of x is loaded once and used for three taps, each sum is read and written once for two
// products. Where a count of vec4s is odd, the half that is missing is computed from its neighbour and not stored.
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

// Sums of four inputs (fields) by four outputs (lanes).
struct Sums {
  i0: vec4f,
  i1: vec4f,
  i2: vec4f,
  i3: vec4f,
}

// Adds the products of two pixels: v are four inputs, d four outputs.
fn add(s: Sums, v0: vec4f, v1: vec4f, d0: vec4f, d1: vec4f) -> Sums {
  return Sums(
    fma(vec4f(v1.x), d1, fma(vec4f(v0.x), d0, s.i0)),
    fma(vec4f(v1.y), d1, fma(vec4f(v0.y), d0, s.i1)),
    fma(vec4f(v1.z), d1, fma(vec4f(v0.z), d0, s.i2)),
    fma(vec4f(v1.w), d1, fma(vec4f(v0.w), d0, s.i3)),
  );
}

// Pixels outside of the image count as zero; the load itself is kept inside the row.
fn pixel(base: i32, column: i32, c: i32, inside: bool) -> vec4f {
  let kept = min(column, params.width - 1);
  return select(vec4f(), x[(base + (kept >> params.shift)) * params.in4 + c], inside && column == kept);
}

fn gradient(base: i32, column: i32, o: i32) -> vec4f {
  let kept = min(column, params.width - 1);
  return select(vec4f(), dy[(base + kept) * params.out4 + o], column == kept);
}

fn store(at: i32, s: Sums) {
  partials[at] = s.i0;
  partials[at + params.out4] = s.i1;
  partials[at + 2 * params.out4] = s.i2;
  partials[at + 3 * params.out4] = s.i3;
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let in_pairs = (params.in4 + 1) / 2;
  let out_pairs = (params.out4 + 1) / 2;
  let blocks = 3 * in_pairs * out_pairs;
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= blocks * params.slices) { return; }
  let slice = index / blocks;
  let block = index % blocks;
  let o0 = (block % out_pairs) * 2;
  let o1 = min(o0 + 1, params.out4 - 1);
  let c0 = (block / out_pairs % in_pairs) * 2;
  let c1 = min(c0 + 1, params.in4 - 1);
  let ky = block / (out_pairs * in_pairs);

  var s000 = Sums();
  var s001 = Sums();
  var s010 = Sums();
  var s011 = Sums();
  var s100 = Sums();
  var s101 = Sums();
  var s110 = Sums();
  var s111 = Sums();
  var s200 = Sums();
  var s201 = Sums();
  var s210 = Sums();
  var s211 = Sums();

  let end = min((slice + 1) * params.rows, params.batch * params.height);
  for (var row = slice * params.rows; row < end; row++) {
    let n = row / params.height;
    let y = row % params.height + ky - 1;
    let kept = clamp(y, 0, params.height - 1);
    let inside = y == kept;
    let base = (n * (params.height >> params.shift) + (kept >> params.shift)) * (params.width >> params.shift);
    let dy_base = row * params.width;
    // Columns column - 1 and column of x.
    var l0 = vec4f();
    var l1 = vec4f();
    var m0 = pixel(base, 0, c0, inside);
    var m1 = pixel(base, 0, c1, inside);
    for (var column = 0; column < params.width; column += 2) {
      let d00 = gradient(dy_base, column, o0);
      let d01 = gradient(dy_base, column, o1);
      let d10 = gradient(dy_base, column + 1, o0);
      let d11 = gradient(dy_base, column + 1, o1);
      let r0 = pixel(base, column + 1, c0, inside);
      let r1 = pixel(base, column + 1, c1, inside);
      let e0 = pixel(base, column + 2, c0, inside);
      let e1 = pixel(base, column + 2, c1, inside);
      s000 = add(s000, l0, m0, d00, d10);
      s001 = add(s001, l0, m0, d01, d11);
      s010 = add(s010, l1, m1, d00, d10);
      s011 = add(s011, l1, m1, d01, d11);
      s100 = add(s100, m0, r0, d00, d10);
      s101 = add(s101, m0, r0, d01, d11);
      s110 = add(s110, m1, r1, d00, d10);
      s111 = add(s111, m1, r1, d01, d11);
      s200 = add(s200, r0, e0, d00, d10);
      s201 = add(s201, r0, e0, d01, d11);
      s210 = add(s210, r1, e1, d00, d10);
      s211 = add(s211, r1, e1, d01, d11);
      l0 = r0;
      l1 = r1;
      m0 = e0;
      m1 = e1;
    }
  }

  let tap = params.total4 * 4 * params.out4;
  let at = (slice * 9 + ky * 3) * tap + params.first4 * 4 * params.out4;
  let first = at + c0 * 4 * params.out4;
  let second = at + c1 * 4 * params.out4;
  store(first + 0 * tap + o0, s000);
  store(first + 1 * tap + o0, s100);
  store(first + 2 * tap + o0, s200);
  if (o1 != o0) {
    store(first + 0 * tap + o1, s001);
    store(first + 1 * tap + o1, s101);
    store(first + 2 * tap + o1, s201);
  }
  if (c1 != c0) {
    store(second + 0 * tap + o0, s010);
    store(second + 1 * tap + o0, s110);
    store(second + 2 * tap + o0, s210);
    if (o1 != o0) {
      store(second + 0 * tap + o1, s011);
      store(second + 1 * tap + o1, s111);
      store(second + 2 * tap + o1, s211);
    }
  }
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
`,pixel_shuffle:`// Pixel shuffle (depth to space): y[n, y·f + dy, x·f + dx, c] = x[n, y, x, (dy·f + dx)·C + c], f = params.factor, C = params.channels.
// x: [N,H,W,f²·C] f32, y: [N,f·H,f·W,C] f32; both padded to a multiple of four channels, x_c4 and y_c4 vec4s a pixel, the surplus zero.
// An invocation owns four channels of one pixel of y. Channels of x do not fall on vec4s there, so it is read by scalars.
struct Params { batch: i32, height: i32, width: i32, channels: i32, factor: i32, x_c4: i32, y_c4: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  let factor = params.factor;
  if (index >= params.batch * params.height * params.width * factor * factor * params.y_c4) { return; }
  let c = 4 * (index % params.y_c4);
  let pixel = index / params.y_c4;
  let column = pixel % (params.width * factor);
  let row = (pixel / (params.width * factor)) % (params.height * factor);
  let n = pixel / (params.width * params.height * factor * factor);
  let place = (row % factor) * factor + column % factor;
  let coarse = (n * params.height + row / factor) * params.width + column / factor;
  let start = coarse * 4 * params.x_c4 + place * params.channels + c;
  let left = params.channels - c;
  y[index] = vec4f(
    x[start],
    select(0.0, x[start + min(1, left - 1)], left > 1),
    select(0.0, x[start + min(2, left - 1)], left > 2),
    select(0.0, x[start + min(3, left - 1)], left > 3),
  );
}
`,pixel_shuffle_grad:`// Gradient of pixel shuffle: dx[n, y, x, k] = activation_slope(x) * dy[n, y·f + ⌊p/f⌋, x·f + p mod f, k mod C] with p = ⌊k/C⌋: every
// value of x went to one place. dy: [N,f·H,f·W,C] f32, activated: the shuffled tensor x, dx: [N,H,W,f²·C] f32, padded as in pixel_shuffle.wgsl;
// added to what dx holds when params.accumulate is set. An invocation owns four channels of one pixel of dx.
struct Params { batch: i32, height: i32, width: i32, channels: i32, factor: i32, x_c4: i32, y_c4: i32, accumulate: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read> activated: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> dx: array<vec4f>;

// What came of channel k of the pixel at (n, row, column) of x; zero for the surplus channels.
fn gradient_of(n: i32, row: i32, column: i32, k: i32) -> f32 {
  let factor = params.factor;
  if (k >= factor * factor * params.channels) { return 0.0; }
  let place = k / params.channels;
  let fine_row = (n * params.height + row) * factor + place / factor;
  let fine = fine_row * params.width * factor + column * factor + place % factor;
  return dy[fine * 4 * params.y_c4 + k % params.channels];
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * params.height * params.width * params.x_c4) { return; }
  let k = 4 * (index % params.x_c4);
  let pixel = index / params.x_c4;
  let column = pixel % params.width;
  let row = (pixel / params.width) % params.height;
  let n = pixel / (params.width * params.height);
  var gradient = vec4f(
    gradient_of(n, row, column, k),
    gradient_of(n, row, column, k + 1),
    gradient_of(n, row, column, k + 2),
    gradient_of(n, row, column, k + 3),
  );
  gradient *= activation_slope(activated[index]);
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
`};function Hr(r,e){let t=r.prelude??[];for(let n of t)if(e[n]===void 0)throw new v(`Cannot compile ${r.name}: the constant ${n} is not given`);let a=[...t.map(n=>`const ${n} = ${e[n]};
`),...(r.includes??[]).map(n=>Le[n]),Le[r.name]].join(""),o=Object.fromEntries(Object.entries(e).filter(([n])=>!t.includes(n)));return{code:a,overrides:o}}async function kt(r,e,t){let{code:a,overrides:o}=Hr(e,t),n={read:"read-only-storage",read_write:"storage",uniform:"uniform"};r.pushErrorScope("validation");let s=r.createShaderModule({label:e.name,code:a}),i=r.createBindGroupLayout({label:e.name,entries:["uniform",...Object.values(e.bindings)].map((l,d)=>({binding:d,visibility:GPUShaderStage.COMPUTE,buffer:{type:n[l]}}))}),c=r.createComputePipeline({label:e.name,layout:r.createPipelineLayout({bindGroupLayouts:[i]}),compute:{module:s,entryPoint:"main",constants:o}}),p=await r.popErrorScope();if(p)throw new v(`Cannot compile ${e.name} ${JSON.stringify(t)}: ${p.message}`);return{kernel:e,pipeline:c,layout:i}}var Jr=200,Yr=/llvmpipe|lavapipe|swiftshader|softpipe|basic render|warp/i;function Xr(r){let e=/llvmpipe \(LLVM (\d+)/i.exec(r);return e?Number(e[1]):void 0}function Qr(){let r=globalThis.Deno;if(r)try{r.build.os==="linux"&&!r.env.get("DENO_WEBGPU_BACKEND")&&r.env.set("DENO_WEBGPU_BACKEND","vulkan"),r.build.os==="linux"&&!r.env.get("XDG_RUNTIME_DIR")&&r.env.set("XDG_RUNTIME_DIR","/tmp")}catch{}}async function Zr(){Qr();let r=await globalThis.navigator?.gpu?.requestAdapter({powerPreference:"high-performance"})??void 0;if(!r)return;let{description:e,device:t,vendor:a,architecture:o}=r.info,n=e||t||`${a} ${o}`.trim()||"unnamed adapter";return{adapter:r,summary:{name:n,vendor:a,architecture:o,software:Yr.test(`${n} ${a} ${o}`),llvm:Xr(n),features:[...r.features].sort()}}}async function St(){let r=await Zr();if(!r)throw new x("No WebGPU adapter found: install a Vulkan driver (on Debian or Ubuntu: apt-get install mesa-vulkan-drivers)");let{adapter:e,summary:t}=r,a=["timestamp-query","shader-f16"],{limits:o}=e,n=await e.requestDevice({requiredFeatures:a.filter(s=>e.features.has(s)),requiredLimits:{maxStorageBufferBindingSize:o.maxStorageBufferBindingSize,maxBufferSize:o.maxBufferSize,maxUniformBufferBindingSize:o.maxUniformBufferBindingSize,maxComputeWorkgroupStorageSize:o.maxComputeWorkgroupStorageSize}});return new ze(n,t)}var ze=class{device;adapter;times={prepare:0,upload:0,compute:0,download:0};#e=new Set;#r=0;#t=0;#o=new Map;#a;#n=!1;constructor(e,t){this.device=e,this.adapter=t,e.lost.then(a=>{this.#n||(this.#a??=new W(`The GPU device was lost: ${a.message||a.reason}`))}),e.addEventListener("uncapturederror",a=>{let{error:o}=a;a.preventDefault(),this.#a??=o instanceof GPUOutOfMemoryError?new U(`The GPU is out of memory: ${o.message}`):new v(`The GPU refused a command: ${o.message}`)})}check(){if(this.#n)throw new v("Cannot use a Gpu that was disposed");if(this.#a)throw this.#a}async loss(){let e=Promise.withResolvers(),t=setTimeout(()=>e.resolve(void 0),Jr),a=await Promise.race([this.device.lost,e.promise]);return clearTimeout(t),a&&new W(`The GPU device was lost: ${a.message||a.reason}`)}buffer(e,t,a){this.check();let o=Math.max(16,Math.ceil(t/4)*4);if(o>this.device.limits.maxBufferSize||o>this.device.limits.maxStorageBufferBindingSize)throw new U(`Cannot make the buffer ${e}: ${o} bytes are more than the adapter binds at once`);let n=this.device.createBuffer({label:e,size:o,usage:a});return this.#e.add(n),this.#r+=o,this.#t=Math.max(this.#t,this.#r),n}release(e){this.#e.delete(e)&&(this.#r-=e.size,e.destroy())}write(e,t,a){if(t%4!==0||t<0||t+a.byteLength>e.size)throw new v(`Cannot write ${a.byteLength} bytes at ${t} of ${e.label||"a buffer"}: it has ${e.size}`);this.device.queue.writeBuffer(e,t,a)}kernel(e,t={}){let a=`${e.name} ${JSON.stringify(Object.entries(t).sort())}`,o=this.#o.get(a);return o||kt(this.device,e,t).then(n=>(this.#o.set(a,n),n))}stats(){return{liveBytes:this.#r,peakBytes:this.#t,liveBuffers:this.#e.size}}[Symbol.dispose](){if(!this.#n){this.#n=!0;for(let e of this.#e)e.destroy();this.#e.clear(),this.#r=0,this.#o.clear(),this.device.destroy()}}};function O(r){return r.reduce((e,t)=>e*t,1)}function T(r){return Math.ceil(r/4)*4}function k(r){return r.join("×")}function Q(r,e){return Math.ceil(r/e)}function K(r){let{channels:e,widths:t,encoderBlocks:a,decoderBlocks:o,activation:n,down:s,up:i,residual:c,residualBlocks:p}=r,l=r.scale,d=[],u=[],m=(w,_,P,S,G,E=1,N=3)=>{d.push({op:"conv2d",name:w,inputs:_,output:w,kernel:N,stride:E,inChannels:P,outChannels:S,activation:G});let A=P.reduce((M,z)=>M+z,0);return u.push({name:`${w}.weight`,shape:[N,N,A,S]},{name:`${w}.bias`,shape:[S]}),w},g=(w,_,P)=>{let S=m(w,[_],[P],P,n);return p?(d.push({op:"add",inputs:[_,S],output:`${w}.sum`}),`${w}.sum`):S},f=t.length-1,h=[],y="image",b=e;for(let w=0;w<=f;w++){w>0&&(h.push(y),s==="stride"?(y=m(`down${w}`,[y],[b],t[w],n,2),b=t[w]):(d.push({op:"maxPool",input:y,output:`pool${w}`}),y=`pool${w}`)),y=m(`enc${w}.0`,[y],[b],t[w],n),b=t[w];for(let _=1;_<a[w];_++)y=g(`enc${w}.${_}`,y,b)}for(let w=f-1;w>=0;w--){d.push({op:"upsample",input:y,output:`up${w}`,mode:i}),y=m(`dec${w}.0`,[`up${w}`,h[w]],[b,t[w]],t[w],n),b=t[w];for(let _=1;_<o[w];_++)y=g(`dec${w}.${_}`,y,b)}if(y=m("out",[y],[b],e*l**2,"none"),l!==1&&(d.push({op:"pixelShuffle",input:y,output:"shuffled",factor:l}),y="shuffled"),c){let w="image";for(let _=2;_<=l;_*=2)d.push({op:"upsample",input:w,output:`image.x${_}`,mode:"bilinear"}),w=`image.x${_}`;d.push({op:"add",inputs:[w,y],output:"restored"}),y="restored"}return{nodes:d,parameters:u,output:y}}var ea=[1,2,4];function _e(r={}){let{base:e=16,depth:t=(r.widths?.length??4)-1,blocks:a=2}=r,o=(p,l,d,u)=>{if(!Number.isInteger(l)||l<d||l>u)throw new RangeError(`Cannot make a U-Net: ${p} must be a whole number from ${d} to ${u}, got ${l}`)};o("base",e,1,512),o("depth",t,0,6),o("blocks",a,1,16);let n={channels:r.channels??3,widths:r.widths??Array.from({length:t+1},(p,l)=>e*2**l),encoderBlocks:r.encoderBlocks??Array(t+1).fill(a),decoderBlocks:r.decoderBlocks??Array(t).fill(a),activation:r.activation??"leaky-relu",down:r.down??"max-pool",up:r.up??"nearest",residual:r.residual??!0,residualBlocks:r.residualBlocks??!0,scale:r.scale??1};if(!ea.includes(n.scale))throw new RangeError(`Cannot make a U-Net: scale must be 1, 2 or 4, got ${n.scale}`);o("channels",n.channels,1,16);let{widths:s,encoderBlocks:i,decoderBlocks:c}=n;if(s.forEach(p=>o("a width",p,1,4096)),i.forEach(p=>o("a scale's encoder blocks",p,1,16)),c.forEach(p=>o("a scale's decoder blocks",p,1,16)),i.length!==s.length||c.length!==s.length-1)throw new RangeError(`Cannot make a U-Net: ${s.length} widths want ${s.length} encoder and ${s.length-1} decoder block counts, got ${i.length} and ${c.length}`);for(let[p,l,d]of[["activation",n.activation,["none","relu","leaky-relu"]],["down",n.down,["max-pool","stride"]],["up",n.up,["nearest","bilinear"]]])if(!d.includes(l))throw new RangeError(`Cannot make a U-Net: ${p} must be one of ${d.join(", ")}, got ${l}`);return n}function ke(r){return 2**(r.widths.length-1)}var ra=.1,aa=.5;function At(r,e){let t=K(r),a=new Map,o=new Set(t.nodes.flatMap(s=>s.op==="add"?[`${s.inputs[1]}.weight`]:[]));for(let s of t.nodes)s.op==="conv2d"&&a.set(`${s.name}.weight`,s.activation);let n=new Map;return t.parameters.forEach(({name:s,shape:i},c)=>{let p=new Float32Array(O(i)),l=a.get(s);if(l!==void 0){let d=l==="none"?1:l==="leaky-relu"?.1:0,u=O(i.slice(0,-1)),g=(s==="out.weight"&&r.residual?ra:o.has(s)?aa:1)*Math.sqrt(2/((1+d**2)*u)),f=new Y(e,c);for(let h=0;h<p.length;h++)p[h]=g*f.normal()}n.set(s,p)}),n}var oa=Uint32Array.from({length:256},(r,e)=>{let t=e;for(let a=0;a<8;a++)t=t&1?t>>>1^3988292384:t>>>1;return t});function ce(r,e=0){let t=~e;for(let a=0;a<r.length;a++)t=oa[(t^r[a])&255]^t>>>8;return~t>>>0}var Z={F32:4,F16:2},na=65504,sa=1e8,pe="crc32",je="00000000";function Pt(r){let e=[...r.tensors].map(([p,l])=>({name:p,...l,dtype:l.dtype??"F32"})).sort((p,l)=>Z[l.dtype]-Z[p.dtype]),t={__metadata__:{...r.metadata,[pe]:je}},a=0;for(let{name:p,shape:l,data:d,dtype:u}of e){if(d.length!==O(l))throw new RangeError(`Cannot store tensor "${p}": shape ${k(l)} has not ${d.length} values`);if(p==="__metadata__")throw new RangeError(`Cannot store a tensor of the reserved name "${p}"`);let m=a+d.length*Z[u];t[p]={dtype:u,shape:l,data_offsets:[a,m]},a=m}let o=new TextEncoder().encode(JSON.stringify(t)),n=Math.ceil(o.length/8)*8,s=new Uint8Array(8+n+a);new DataView(s.buffer).setUint32(0,n,!0),s.fill(32,8,8+n),s.set(o,8);let i=8+n;for(let{name:p,data:l,dtype:d}of e){if(d==="F32")s.set(new Uint8Array(l.buffer,l.byteOffset,l.byteLength),i);else{let u=pa(l,p);s.set(new Uint8Array(u.buffer),i)}i+=l.length*Z[d]}let c=Mt(s,n);return s.set(new TextEncoder().encode(Ot(ce(s))),c),s}function Rt(r,e){let t=f=>{throw new x(`Cannot read ${ee(e)} as safetensors: ${f}`)};r.length<8&&t(`it has ${r.length} bytes, too few for a header`);let a=new DataView(r.buffer,r.byteOffset,r.byteLength),o=a.getUint32(0,!0)+a.getUint32(4,!0)*2**32;o>sa&&t(`its header claims ${o} bytes; it is no safetensors file or is damaged`),o>r.length-8&&t(`its header claims ${o} bytes, but only ${r.length-8} follow; the file is truncated or damaged`);let n=ia(r.subarray(8,8+o),t),{__metadata__:s={},...i}=n;(!We(s)||Object.values(s).some(f=>typeof f!="string"))&&t("its metadata is not a list of strings; the file is damaged");let c=r.subarray(8+o),p=[],l=new Map,d=Object.entries(i).map(([f,h])=>{let y=la(f,h,c.length,t);return p.push(y),{tensor:f,...y}});p.sort((f,h)=>f.begin-h.begin||f.end-h.end);let u=0;for(let{begin:f,end:h}of p)f!==u&&t(`its tensors overlap or leave a gap at byte ${Math.min(f,u)}; the file is damaged`),u=h;u!==c.length&&t(`its tensors fill ${u} bytes, but ${c.length} follow the header; the file is damaged`),ca(r,o,s,t);for(let{tensor:f,dtype:h,shape:y,begin:b,end:w}of d){let _=c.slice(b,w).buffer,P=h==="F32"?new Float32Array(_):Float32Array.from(new Float16Array(_));l.set(f,{dtype:h,shape:y,data:P})}let{[pe]:m,...g}=s;return{tensors:l,metadata:g}}function ia(r,e){let t;try{if(r[0]!==123)throw new SyntaxError;t=JSON.parse(new TextDecoder("utf-8",{fatal:!0}).decode(r))}catch{e("its header is no JSON; it is no safetensors file or is damaged")}return We(t)?t:e("its header is no JSON object; the file is damaged")}function la(r,e,t,a){let o=l=>a(`tensor ${ee(r)} has ${l}; the file is damaged`);if(!We(e))return o("no description");let{dtype:n,shape:s,data_offsets:i}=e;if(n!=="F32"&&n!=="F16")return a(`tensor ${ee(r)} is of type ${ee(String(n))}; only F32 and F16 can be read`);if(!Array.isArray(s)||!s.every(Tt))return o("no valid shape");if(!Array.isArray(i)||i.length!==2||!i.every(Tt))return o("no valid offsets");let[c,p]=i;return p<c?o(`offsets ${c} to ${p}`):p>t?a(`tensor ${ee(r)} ends at byte ${p} of the data, but the file holds ${t}; it is truncated or damaged`):p-c!==O(s)*Z[n]?o(`${p-c} bytes, but shape ${k(s)} of ${n} takes ${O(s)*Z[n]}`):{dtype:n,shape:s,begin:c,end:p}}function ca(r,e,t,a){if(!Object.hasOwn(t,pe))return;let o=Mt(r,e);if(o!==void 0){let n=new TextEncoder().encode(je),s=r.subarray(o+n.length),i=ce(s,ce(n,ce(r.subarray(0,o))));if(Ot(i)===t[pe])return}a("its checksum does not match; the file is damaged (or was rewritten: then drop crc32 from its metadata)")}function Mt(r,e){let t=new TextEncoder().encode(`"${pe}":"`),a=8+e-t.length-je.length;for(let o=8;o<=a;o++)if(t.every((n,s)=>r[o+s]===n))return o+t.length}function pa(r,e){let t=new Float16Array(r),a=t.findIndex((o,n)=>!Number.isFinite(o)&&Number.isFinite(r[n]));if(a>=0)throw new x(`Cannot store tensor ${ee(e)} as F16: the value ${r[a]} is beyond ±${na}; store it as F32`);return t}function ee(r){return JSON.stringify(r.length>80?`${r.slice(0,77)}...`:r).replaceAll(/[\u007f-\u009f\u2028\u2029]/g,"?")}var Ot=r=>r.toString(16).padStart(8,"0"),Tt=r=>Number.isSafeInteger(r)&&r>=0,We=r=>typeof r=="object"&&r!==null&&!Array.isArray(r);var qe="clairnet-1",Ve=["name","recipe","loss","data","created","version","license","note"],$t=["seed","steps"];function Se(r={}){return{...Object.fromEntries(Ve.map(t=>[t,""])),seed:0,steps:0,metrics:{},...r}}function Ct(r,e={}){let{topology:t,parameters:a}=r,o=new Map,n=K(t).parameters;for(let{name:s,shape:i}of n){let c=a.get(s);if(!c)throw new RangeError(`Cannot store the model: parameter "${s}" is missing`);Et(c,`Cannot store the model: parameter "${s}"`),o.set(s,{shape:i,data:c,dtype:e.dtype??"F32"})}if(a.size!==n.length)throw new RangeError(`Cannot store the model: it has ${a.size} parameters, its topology ${n.length}`);for(let[s,i]of e.tensors??[]){if(!s.includes("/"))throw new RangeError(`Cannot store extra tensor "${s}": its name must hold a "/"`);o.set(s,i)}return Pt({tensors:o,metadata:{...e.metadata,...da(r)}})}function da({topology:r,info:e}){let t={format:qe,topology:JSON.stringify(r)};for(let a of Ve)t[a]=e[a];for(let a of $t)t[a]=String(e[a]);return t.metrics=JSON.stringify(e.metrics,(a,o)=>Number.isFinite(o)?o:typeof o=="number"?String(o):o),t}function He(r,e){return ua(Rt(r,e),e)}function ua(r,e){let t=`Cannot use ${JSON.stringify(e)} as a model`,{metadata:a,tensors:o}=r;if(a.format!==qe||a.topology===void 0){let i=a.format===void 0?"no format":`the format ${JSON.stringify(a.format)}`;throw new x(`${t}: its metadata has ${i}, where Clairnet's models have "${qe}"`)}let n=ma(a.topology,t),s=new Map;for(let{name:i,shape:c}of K(n).parameters){let p=o.get(i);if(!p)throw new x(`${t}: tensor "${i}" (${k(c)}) is missing`);if(k(p.shape)!==k(c))throw new x(`${t}: tensor "${i}" has shape ${k(p.shape)}, but its topology wants ${k(c)}`);Et(p.data,`${t}: tensor "${i}"`),s.set(i,p.data)}for(let i of o.keys())if(!s.has(i)&&!i.includes("/"))throw new x(`${t}: tensor ${JSON.stringify(i)} is not part of its topology`);return{topology:n,parameters:s,info:fa(a,t)}}function Et(r,e){let t=r.findIndex(a=>!Number.isFinite(a));if(t>=0)throw new x(`${e} holds ${r[t]} at ${t}: the training diverged or the file is damaged`)}function ma(r,e){try{let{channels:t,widths:a,encoderBlocks:o,decoderBlocks:n,activation:s,down:i,up:c,residual:p,residualBlocks:l,scale:d}=JSON.parse(r);for(let[u,m]of Object.entries({widths:a,encoderBlocks:o,decoderBlocks:n}))if(!Array.isArray(m))throw new RangeError(`${u} is no list`);if(typeof t!="number")throw new RangeError("channels is no number");for(let[u,m]of Object.entries({residual:p,residualBlocks:l}))if(typeof m!="boolean")throw new RangeError(`${u} is neither true nor false`);for(let[u,m]of Object.entries({activation:s,down:i,up:c}))if(typeof m!="string")throw new RangeError(`${u} is no word`);return _e({channels:t,widths:a,encoderBlocks:o,decoderBlocks:n,activation:s,down:i,up:c,residual:p,residualBlocks:l,scale:d??1})}catch(t){let a=t instanceof RangeError?t.message.replaceAll(/\s+/g," "):"it is no JSON object";throw new x(`${e}: the topology in its metadata is damaged (${a})`,{cause:t})}}function fa(r,e){let t={};for(let a of Ve)t[a]=r[a]??"";for(let a of $t){let o=Number(r[a]??0);if(!Number.isSafeInteger(o)||o<0)throw new x(`${e}: ${a} in its metadata is no whole number`);t[a]=o}try{let a=Object.entries(JSON.parse(r.metrics??"{}")).map(([o,n])=>[o,Number(n)]);t.metrics=Object.fromEntries(a)}catch(a){throw new x(`${e}: the metrics in its metadata are damaged`,{cause:a})}return t}function Nt(r,{peak:e,warmup:t,steps:a}){if(r<=t)return e*r/t;let o=Math.min((r-t)/(a-t+1),1);return e*.5*(1+Math.cos(Math.PI*o))}var ha=.999,ga=500;function Ut(r,{peak:e,steps:t,decay:a=0}){let o=Math.min(ga,Math.ceil(t/20));return{beta1:.9,beta2:.99,maxNorm:1,step:r,decay:a,learningRate:Nt(r,{peak:e,warmup:o,steps:t}),ema:ya(r)}}function ya(r){return Math.min((1+r)/(10+r),ha)}function Gt(r){let e=[],t=[],a=new Array(r.length).fill(-1),o=r.map((n,s)=>s).sort((n,s)=>r[n].first-r[s].first||r[s].bytes-r[n].bytes);for(let n of o){let{bytes:s,first:i,last:c}=r[n],p=-1;for(let l=0;l<e.length;l++){if(t[l]>=i)continue;if(p<0){p=l;continue}let d=e[l]>=s,u=e[p]>=s;(d?!u||e[l]<e[p]:!u&&e[l]>e[p])&&(p=l)}p<0&&(p=e.length,e.push(0),t.push(-1)),e[p]=Math.max(e[p],s),t[p]=c,a[n]=p}return{assignment:a,sizes:e}}function Ft(r,e){return e==="flat"?O(r)*4:O(r.slice(0,-1))*T(r[r.length-1])*4}function Ae(r,e,t){let a=T(e);if(a===e)return t?.set(r),t??r;let o=r.length/e,n=t??new Float32Array(o*a);for(let s=0,i=0,c=0;s<o;s++,c+=a-e)for(let p=0;p<e;p++)n[c++]=r[i++];return n}function de(r,e){let t=T(e);if(t===e)return r;let a=r.length/t,o=new Float32Array(a*e);for(let n=0,s=0,i=0;n<a;n++,s+=t-e)for(let c=0;c<e;c++)o[i++]=r[s++];return o}var wa=64,va=65535,q=class{tensors=[];dispatches=[];inputs=new Map;outputs=new Map;training;#e=[];#r=new Map;#t="";constructor(e){this.training=e.training}tensor(e,t,a={}){if(e.some(s=>!Number.isInteger(s)||s<1))throw new v(`Cannot record the tensor ${t}: its shape ${k(e)} must have positive extents`);let o=a.layout??"image",n={id:this.tensors.length,name:t,shape:e,layout:o,lifetime:a.lifetime??"planned",bytes:Ft(e,o),...a.external?{external:a.external}:{}};return this.tensors.push(n),n}input(e,t){let a=this.tensor(t,e,{lifetime:"persistent"});return this.inputs.set(e,a),a}scalars(e,t){let a=this.tensor([Math.ceil(t/4)*4],e,{layout:"flat",lifetime:"persistent"});return this.inputs.set(e,a),a}output(e,t){this.outputs.set(e,t)}within(e,t){let a=this.#t;this.#t=a?`${a}/${e}`:e;try{return t()}finally{this.#t=a}}dispatch(e,t,a){let o=Object.keys(e.bindings);if(o.join()!==Object.keys(t).join())throw new v(`Cannot record ${e.name}: it binds ${o.join()}, got ${Object.keys(t).join()}`);let s=e.params.map(l=>l.split(":")[0]).find(l=>a.params[l]===void 0);if(s)throw new v(`Cannot record ${e.name}: the parameter ${s} is not given`);let i=o.filter(l=>e.bindings[l]==="read_write").map(l=>B(t[l]).tensor);for(let l of o){let{tensor:d}=B(t[l]);if(e.bindings[l]!=="read_write"?i.includes(d):i.filter(u=>u===d).length>1)throw new v(`Cannot record ${e.name}: ${d.name} is bound for reading and writing at once`)}let[c,p]=ba(Math.ceil(a.invocations/wa));this.dispatches.push({label:[this.#t,a.label??e.name].filter(Boolean).join("/"),kernel:e,constants:a.constants??{},params:a.params,bindings:t,workgroups:[c,p,a.groups??1],once:a.once??!1,flops:a.flops??0})}gradient(e,t){if(!this.training)return;let a=this.#t;this.#e.push(()=>{let o=this.#r.get(e);o?.written&&this.within(a?`${a}.grad`:"grad",()=>t(o.gradient))})}gradientOf(e){let t=this.#r.get(e);t||this.#r.set(e,t={gradient:this.tensor(e.shape,`d(${e.name})`,{layout:e.layout}),written:!1});let a=t.written;return t.written=!0,{gradient:t.gradient,accumulate:a}}backward(){for(let e of this.#e.splice(0).reverse())e()}};function ba(r){let e=Math.max(1,Math.ceil(r/va));return[Math.max(1,Math.ceil(r/e)),e]}function B(r){return"tensor"in r?r:{tensor:r,offset:0,size:r.bytes}}function $(r){return r.bytes/16}function It(r){return O(r.shape)}var Je=256;async function ue(r,e){let t=performance.now();try{return await xa(r,e)}finally{r.times.prepare+=(performance.now()-t)/1e3}}async function xa(r,e){let{device:t}=r;r.check();let a=[];for(let{kernel:d,constants:u}of e.dispatches)a.push(await r.kernel(d,u));t.pushErrorScope("validation"),t.pushErrorScope("out-of-memory");let o=[],n=(d,u,m)=>{let g=r.buffer(d,u,m);return o.push(g),g},s=()=>o.forEach(d=>r.release(d)),i,c;try{let d=_a(e,n),u=new DataView(new ArrayBuffer(e.dispatches.length*Je));e.dispatches.forEach(({kernel:f,params:h},y)=>{f.params.forEach((b,w)=>{let[_,P]=b.split(":"),S=y*Je+w*4;P==="f32"?u.setFloat32(S,h[_],!0):u.setInt32(S,h[_],!0)})});let m=n("uniforms",Math.max(u.byteLength,16),GPUBufferUsage.UNIFORM|GPUBufferUsage.COPY_DST);r.write(m,0,new Uint32Array(u.buffer));let g=e.dispatches.map((f,h)=>({dispatch:f,compiled:a[h],group:t.createBindGroup({label:f.label,layout:a[h].layout,entries:[{binding:0,resource:{buffer:m,offset:h*Je,size:f.kernel.params.length*4}},...Object.values(f.bindings).map((y,b)=>{let{tensor:w,offset:_,size:P}=B(y);return{binding:b+1,resource:{buffer:d.get(w),offset:_,size:P}}})]})}));i=new Ye(r,e,g,d,o)}catch(d){c=d}let p=await t.popErrorScope(),l=await t.popErrorScope();if(p?c=new U(`The GPU is out of memory for a plan: ${p.message}`):l&&(c??=new v(`Cannot build a plan: ${l.message}`)),c)throw s(),c;return i}function _a(r,e){let t=new Map,a=new Map;r.dispatches.forEach((l,d)=>{for(let u of Object.values(l.bindings)){let{tensor:m}=B(u);t.has(m)||t.set(m,d),a.set(m,d)}});for(let l of r.outputs.values())a.set(l,r.dispatches.length);let o=GPUBufferUsage.STORAGE|GPUBufferUsage.UNIFORM|GPUBufferUsage.COPY_DST|GPUBufferUsage.COPY_SRC,n=new Map,s=r.tensors.filter(l=>{if(l.external)n.set(l,l.external);else if(l.lifetime==="persistent")n.set(l,e(l.name,l.bytes,o));else return t.has(l);return!1}),{assignment:i,sizes:c}=Gt(s.map(l=>({bytes:l.bytes,first:t.get(l),last:a.get(l)}))),p=c.map((l,d)=>e(`shared ${d}`,l,o));return s.forEach((l,d)=>n.set(l,p[i[d]])),n}var Ye=class{#e;#r;#t;#o;#a;#n=new Map;#s=new Map;#i=!0;constructor(e,t,a,o,n){this.#e=e,this.#r=t,this.#t=a,this.#o=o,this.#a=n}write(e,t){let a=this.#r.inputs.get(e);if(!a)throw new v(`Cannot write ${e}: the plan has no such input`);let o=performance.now(),n=t;if(a.layout==="image"){let s=a.shape[a.shape.length-1],i=this.#s.get(e);if(i||this.#s.set(e,i=new Float32Array(a.bytes/4)),t.length!==a.shape.reduce((c,p)=>c*p,1))throw new v(`Cannot write ${e}: it is ${k(a.shape)}, got ${t.length} values`);n=Ae(t,s,i)}this.#e.write(this.#o.get(a),0,n),this.#e.times.upload+=(performance.now()-o)/1e3}run(){this.#e.check();let e=performance.now(),t=this.#e.device.createCommandEncoder(),a=t.beginComputePass();for(let o of this.#t)o.dispatch.once&&!this.#i||(a.setPipeline(o.compiled.pipeline),a.setBindGroup(0,o.group),a.dispatchWorkgroups(...o.dispatch.workgroups));a.end(),this.#e.device.queue.submit([t.finish()]),this.#i=!1,this.#e.times.compute+=(performance.now()-e)/1e3}refresh(){this.#i=!0}async read(e){let t=this.#r.outputs.get(e);if(!t)throw new v(`Cannot read ${e}: the plan has no such output`);let{device:a,times:o}=this.#e,n=await this.#l(e,t),s=performance.now(),i=a.createCommandEncoder();i.copyBufferToBuffer(this.#o.get(t),0,n,0,t.bytes),a.queue.submit([i.finish()]);try{await n.mapAsync(GPUMapMode.READ)}catch(d){throw this.#e.check(),d}let c=performance.now();o.compute+=(c-s)/1e3;let p=new Float32Array(n.getMappedRange(0,t.bytes).slice(0));n.unmap(),this.#e.check();let l=t.layout==="image"?de(p,t.shape[t.shape.length-1]):p;return o.download+=(performance.now()-c)/1e3,l}async#l(e,t){let a=this.#n.get(e);if(a)return a;let{device:o}=this.#e;o.pushErrorScope("out-of-memory");let n=this.#e.buffer(`read ${e}`,t.bytes,GPUBufferUsage.MAP_READ|GPUBufferUsage.COPY_DST);this.#a.push(n);let s=await o.popErrorScope();if(s)throw new U(`The GPU is out of memory to read ${e}: ${s.message}`);return this.#n.set(e,n),n}describe(){let e=this.#a.reduce((a,o)=>a+o.size,0);return[...this.#t.map(({dispatch:a})=>{let o=Object.entries(a.bindings).map(([n,s])=>`${n} ${B(s).tensor.name} ${k(B(s).tensor.shape)}`);return`${a.label}: ${a.kernel.name} (${o.join(", ")})`}),`${this.#t.length} steps, ${this.#a.length} buffers, ${e} bytes`].join(`
`)}get bytes(){return this.#a.reduce((e,t)=>e+t.size,0)}async profile(){let{device:e}=this.#e;if(!e.features.has("timestamp-query"))throw new v("Cannot profile: the adapter has no timestamp queries");let t=this.#t.filter(({dispatch:p})=>!p.once||this.#i),a=e.createQuerySet({type:"timestamp",count:t.length*2}),o=t.length*16,n=this.#e.buffer("timestamps",o,GPUBufferUsage.QUERY_RESOLVE|GPUBufferUsage.COPY_SRC),s=this.#e.buffer("read timestamps",o,GPUBufferUsage.MAP_READ|GPUBufferUsage.COPY_DST),i=e.createCommandEncoder();t.forEach(({dispatch:p,compiled:l,group:d},u)=>{let m=i.beginComputePass({timestampWrites:{querySet:a,beginningOfPassWriteIndex:u*2,endOfPassWriteIndex:u*2+1}});m.setPipeline(l.pipeline),m.setBindGroup(0,d),m.dispatchWorkgroups(...p.workgroups),m.end()}),i.resolveQuerySet(a,0,t.length*2,n,0),i.copyBufferToBuffer(n,0,s,0,o),e.queue.submit([i.finish()]),await s.mapAsync(GPUMapMode.READ);let c=new BigUint64Array(s.getMappedRange().slice(0));s.unmap();for(let p of[n,s])this.#e.release(p);return a.destroy(),this.#i=!1,t.map(({dispatch:p},l)=>{let d=Number(c[l*2+1]-c[l*2]);return{label:p.label,kernel:p.kernel.name,milliseconds:d/1e6,gflops:d>0?p.flops/d:0}})}[Symbol.dispose](){for(let e of this.#a.splice(0))this.#e.release(e)}};var Bt={none:0,relu:1,"leaky-relu":2};function Dt(r){return Bt[r]}var Kt=new WeakMap;function Lt(r,e){Kt.set(r,e)}function Xe(r){return Kt.get(r)??"none"}function I(r,e){let t=Xe(r);return{activated:t==="none"?e:r,constants:{ACTIVATION:Bt[t]}}}var ka={name:"add",params:["count"],bindings:{a:"read",b:"read",y:"read_write"}},Sa={name:"add_grad",params:["count","accumulate"],bindings:{dy:"read",activated:"read",dx:"read_write"},includes:["activation"]};function zt(r,e,t,a="add",o=new Set){if(e.shape.join()!==t.shape.join())throw new v(`Cannot record add "${a}": its terms are ${k(e.shape)} and ${k(t.shape)}`);let n=r.tensor(e.shape,a),s=$(n);return r.within(a,()=>{r.dispatch(ka,{a:e,b:t,y:n},{params:{count:s},invocations:s}),r.gradient(n,i=>{for(let c of[e,t]){if(o.has(c))continue;let{gradient:p,accumulate:l}=r.gradientOf(c),{activated:d,constants:u}=I(c,i);r.dispatch(Sa,{dy:i,activated:d,dx:p},{params:{count:s,accumulate:Number(l)},constants:u,invocations:s})}})}),n}var R=r=>"upsampled"in r?r.upsampled:r,L=r=>"upsampled"in r?1:0,C=r=>T(r.shape[3])/4;function Qe(r){let{shape:e}=R(r),t=1<<L(r);return[e[1]*t,e[2]*t]}function Ze(r,{name:e,stride:t,outChannels:a}){if(r.length<1||r.length>2)throw new v(`Cannot record conv2d "${e}": it reads one or two inputs, got ${r.length}`);let[o,n]=Qe(r[0]),s=R(r[0]).shape[0];for(let i of r){let[c,p]=Qe(i),{shape:l}=R(i);if(l.length!==4||c!==o||p!==n||l[0]!==s)throw new v(`Cannot record conv2d "${e}": its inputs are ${k(R(r[0]).shape)} and ${k(l)}`)}if(r.length===2&&L(r[1]))throw new v(`Cannot record conv2d "${e}": only its first input can be upsampled on the way`);return[s,Q(o,t),Q(n,t),a]}function jt(r,e){let[t,a]=Qe(r[0]);return{batch:e.shape[0],height:t,width:a,out_height:e.shape[1],out_width:e.shape[2],in4:r.reduce((o,n)=>o+C(R(n)),0),out4:C(e)}}function Wt(r,e,{name:t,kernel:a,outChannels:o}){let n=r.map(c=>R(c).shape[3]),s=e.specs.find(c=>c.name===`${t}.weight`),i=[a,a,n.reduce((c,p)=>c+p,0),o];if(!s||s.shape.join()!==i.join()||(s.sources??[i[2]]).join()!==n.join())throw new v(`Cannot record conv2d "${t}": input has ${n.join(" + ")} channels, so the weight is ${k(i)}; got ${s?k(s.shape):"none"}`)}function me({batch:r,out_height:e,out_width:t,options:a,sources:o},n){let s=n??o.reduce((i,c)=>i+R(c).shape[3],0);return 2*r*e*t*a.kernel**2*s*a.outChannels}function te(r,e){return Object.fromEntries(e.map(t=>[t,r[t]]))}function qt(r){return{name:r,params:["batch","height","width","x4","first4","in4","shift","out4","first_block","block_vec4s","accumulate","activation"],bindings:{x:"read",w:"uniform",activated:"read",y:"read_write"},includes:["activation","conv2d_tile"]}}var Vt=qt("conv2d_tile8"),Ht=qt("conv2d_tile8x4"),Jt={name:"conv2d_pack",params:["in4","out4","source4","target4","first4","block_vec4s","count"],bindings:{weight:"read",bias:"read",packed:"read_write"}},Yt={name:"conv2d_naive",params:["batch","height","width","out_height","out_width","a4","b4","a_shift","out4","kernel","stride"],bindings:{a:"read",b:"read",w:"read",bias:"read",y:"read_write"},includes:["activation"]},Xt={name:"conv2d_input_grad_naive",params:["batch","height","width","out_height","out_width","in4","out4","target4","first4","kernel","stride","accumulate"],bindings:{dy:"read",w:"read",activated:"read",dx:"read_write"},includes:["activation"]},Qt={name:"conv2d_weight_grad_rows",params:["batch","height","width","in4","out4","shift","first4","total4","slices","rows"],bindings:{x:"read",dy:"read",partials:"read_write"}},Zt={name:"conv2d_weight_grad_naive",params:["batch","height","width","out_height","out_width","in4","out4","shift","first4","total4","slices","rows","kernel","stride"],bindings:{x:"read",dy:"read",partials:"read_write"}},er={name:"bias_grad",params:["pixels","out4","slices","slice_pixels"],bindings:{dy:"read",partials:"read_write"}};function tr(r,e){let{rec:t,options:a,weight:o,bias:n}=r,{kernel:s,stride:i}=a;if(e.role==="forward"){let[u,m=u]=e.sources.map(R);t.dispatch(Yt,{a:u,b:m,w:o,bias:n,y:e.target},{params:{...te(r,["batch","height","width","out_height","out_width","out4"]),a4:C(u),b4:e.sources[1]?C(m):0,a_shift:L(e.sources[0]),kernel:s,stride:i},constants:{ACTIVATION:e.activation},invocations:r.batch*r.out_height*r.out_width*r.out4,flops:me(r)});return}let{target:c,activated:p,first4:l}=e,d=C(c);t.dispatch(Xt,{dy:R(e.sources[0]),w:o,activated:p,dx:c},{params:{...te(r,["batch","height","width","out_height","out_width","in4","out4"]),target4:d,first4:l,kernel:s,stride:i,accumulate:Number(e.accumulate)},constants:{ACTIVATION:e.activation},invocations:r.batch*r.height*r.width*d,flops:me(r,c.shape[3])})}function et(r){return Math.ceil((72*r+2)/16)*16}function Aa(r,e,t){return(r.llvm??1/0)<19?"tile8x4":"tile8"}function Ta(r,e,t){return r==="naive"?!0:e.kernel!==3||e.stride!==1?!1:t==="weight-gradient"||et(t==="forward"?e.in4:e.out4)*16<=65536}function rr(r,e,t,a){let o=r==="auto"?Aa(e,t,a):r;return Ta(o,t,a)?o:"naive"}var Pa=0,Ra=1,Ma=2;function ar(r,e,t){let{rec:a,batch:o,height:n,width:s,in4:i,out4:c}=r,p=e.role==="forward",[l,d]=t==="tile8x4"?[Ht,4]:[Vt,1],u=C(e.target),m=e.sources.reduce((P,S)=>P+C(R(S)),0),g=et(m),f=Math.ceil(u/2),h=!a.training,y=Math.floor(65536/(g*16)),b=Math.floor((f-1)/y)*y*g*16,w=a.tensor([(b+65536)/4],`${r.options.name}.packed`,{layout:"flat",lifetime:h?"persistent":"planned"});a.dispatch(Jt,{weight:r.weight,bias:r.bias,packed:w},{params:{in4:i,out4:c,source4:m,target4:u,first4:e.first4,block_vec4s:g,count:f*g},constants:{FORWARD:Number(p)},invocations:f*g,once:h});let _=0;e.sources.forEach((P,S)=>{let G=R(P),E=C(G),N=S===e.sources.length-1;for(let A=0;A<f;A+=y){let M=Math.min(y,f-A);a.dispatch(l,{x:G,w:{tensor:w,offset:A*g*16,size:65536},activated:e.activated,y:e.target},{params:{batch:o,height:n,width:s,x4:E,first4:_,in4:m,shift:L(P),out4:u,first_block:A,block_vec4s:g,accumulate:Number(e.accumulate),activation:N?e.activation:0},constants:{MODE:p?S===0?Ra:Ma:Pa},invocations:o*Math.ceil(n/d)*Math.ceil(s/8),groups:M,flops:18*o*n*s*E*4*Math.min(M*8,(u-A*2)*4)})}_+=E})}var Oa={name:"sum_slices",params:["count","slices","accumulate"],bindings:{partials:"read",total:"read_write"}};function D(r,e,t,a,o=!1){let n=B(t).size/16;r.dispatch(Oa,{partials:e,total:t},{params:{count:n,slices:a,accumulate:Number(o)},invocations:n})}function V(r,e){let t=Math.ceil(r/Math.max(1,Math.min(e,r)));return{slices:Math.ceil(r/t),each:t}}var $a=2048;function or(r,e){return 3*Math.ceil(r/2)*Math.ceil(e/2)}function nr(r,e,t,a){let{rec:o,options:n,in4:s,out4:i}=r,c=a!=="naive",p=n.kernel**2,{slices:l,each:d}=V(r.batch*r.out_height,Math.ceil($a/(c?or(s,i):s*i*p))),u=o.tensor([l,p,s*4,i*4],`${n.name}.weight partials`,{layout:"flat"}),m=0;for(let g of r.sources){let f=R(g),h=C(f),y={out4:i,shift:L(g),in4:h,first4:m,total4:s,slices:l,rows:d},b=me(r,f.shape[3]);c?o.dispatch(Qt,{x:f,dy:e,partials:u},{params:{...te(r,["batch","height","width"]),...y},invocations:or(h,i)*l,flops:b}):o.dispatch(Zt,{x:f,dy:e,partials:u},{params:{...te(r,["batch","height","width","out_height","out_width"]),...y,kernel:n.kernel,stride:n.stride},invocations:p*h*i*l,flops:b}),m+=h}D(o,u,t.range(o,`${n.name}.weight`,"gradients"),l)}function sr(r,e,t){let{rec:a,options:o,out4:n}=r,s=r.batch*r.out_height*r.out_width,{slices:i,each:c}=V(s,Math.ceil(256/n)),p=a.tensor([i,n*4],`${o.name}.bias partials`,{layout:"flat"});a.dispatch(er,{dy:e,partials:p},{params:{pixels:s,out4:n,slices:i,slice_pixels:c},invocations:n*i}),D(a,p,t.range(a,`${o.name}.bias`,"gradients"),i)}var Ca={name:"upsample",params:["batch","height","width","c4"],bindings:{x:"read",y:"read_write"}},Ea={name:"upsample_grad",params:["batch","height","width","c4","accumulate"],bindings:{dy:"read",activated:"read",dx:"read_write"},includes:["activation"]},ir=({shape:[r,e,t,a]})=>({batch:r,height:e,width:t,c4:T(a)/4});function lr(r,e,t,a="up",o=new Set){let[n,s,i,c]=e.shape,p=r.tensor([n,s*2,i*2,c],a);return r.within(a,()=>{r.dispatch(Ca,{x:e,y:p},{params:ir(e),constants:{BILINEAR:+(t==="bilinear")},invocations:$(p)}),o.has(e)?o.add(p):r.gradient(p,l=>rt(r,l,e,t))}),p}function rt(r,e,t,a){let{gradient:o,accumulate:n}=r.gradientOf(t),{activated:s,constants:i}=I(t,e);r.dispatch(Ea,{dy:e,activated:s,dx:o},{params:{...ir(t),accumulate:Number(n)},constants:{...i,BILINEAR:+(a==="bilinear")},invocations:$(t)})}function cr(r,e,t,a,{variant:o="auto",withoutGradient:n=new Set}={}){let{name:s,kernel:i,stride:c,activation:p}=a,l=Ze(e,a);Wt(e,t,a);let d=r.tensor(l,s);Lt(d,p);let u=t.range(r,`${s}.weight`),m=t.range(r,`${s}.bias`),g={rec:r,sources:e,options:a,y:d,weight:u,bias:m,kernel:i,stride:c,...jt(e,d)},f=h=>rr(o,t.adapter,g,h);return r.within(s,()=>{pr(g,{role:"forward",sources:e,target:d,activation:Dt(p),activated:R(e[0]),first4:0,accumulate:!1},f("forward")),r.gradient(d,h=>{nr(g,h,t,f("weight-gradient")),sr(g,h,t);let y=0;for(let b of e){let w=R(b);n.has(w)||Na(g,h,b,y,f("input-gradient")),y+=C(w)}})}),d}function pr(r,e,t){t==="naive"?tr(r,e):ar(r,e,t)}function Na(r,e,t,a,o){let{rec:n}=r,s=R(t),i="upsampled"in t?n.tensor([r.batch,r.height,r.width,s.shape[3]],`d(${s.name} upsampled)`):void 0,{gradient:c,accumulate:p}=i?{gradient:i,accumulate:!1}:n.gradientOf(s),{activated:l,constants:d}=i?{activated:e,constants:{ACTIVATION:0}}:I(s,e);pr(r,{role:"input-gradient",sources:[e],target:c,activation:d.ACTIVATION,activated:l,first4:a,accumulate:p},o),i&&rt(n,i,s,"nearest")}var Ua={name:"max_pool",params:["batch","height","width","c4"],bindings:{x:"read",y:"read_write",argmax:"read_write"}},Ga={name:"max_pool_grad",params:["batch","height","width","c4","accumulate"],bindings:{dy:"read",argmax:"read",activated:"read",dx:"read_write"},includes:["activation"]};function dr(r,e,t="pool"){let[a,o,n,s]=e.shape,i=T(s)/4,c=r.tensor([a,Q(o,2),Q(n,2),s],t),p=r.tensor([$(c)],`${t}.argmax`,{layout:"flat"}),l={batch:a,height:o,width:n,c4:i};return r.within(t,()=>{r.dispatch(Ua,{x:e,y:c,argmax:p},{params:l,invocations:$(c)}),r.gradient(c,d=>{let{gradient:u,accumulate:m}=r.gradientOf(e),{activated:g,constants:f}=I(e,d);r.dispatch(Ga,{dy:d,argmax:p,activated:g,dx:u},{params:{...l,accumulate:Number(m)},constants:f,invocations:$(e)})})}),c}var mr=["values","gradients","moment1","moment2","average"],ur=64,Te=class{specs;length;#e;#r=new Map;#t=new Map;#o=new WeakMap;constructor(e,t){this.#e=e,this.specs=t;let a=0;for(let o of t){let n=fr(o);this.#r.set(o.name,{spec:o,offset:a,length:n}),a+=Math.ceil(n/ur)*ur}this.length=a}get adapter(){return this.#e.adapter}range(e,t,a="values"){let{offset:o,length:n}=this.#a(t);return{tensor:this.whole(e,a),offset:o*4,size:n*4}}whole(e,t){let a=this.#o.get(e);a||this.#o.set(e,a=new Map);let o=a.get(t);return o||(o=e.tensor([this.length],`parameters.${t}`,{layout:"flat",lifetime:"persistent",external:this.#n(t)}),a.set(t,o)),o}upload(e,t="values"){let a=new Float32Array(this.length);for(let{spec:o,offset:n}of this.#r.values()){let s=e.get(o.name);if(!s||s.length!==O(o.shape))throw new v(`Cannot upload ${o.name}: it has ${O(o.shape)} values, got ${s?.length??"none"}`);a.set(Ia(s,o),n)}this.#e.write(this.#n(t),0,a)}async download(e="values"){let t=this.length*4,{device:a}=this.#e,o=this.#e.buffer(`read ${e}`,t,GPUBufferUsage.MAP_READ|GPUBufferUsage.COPY_DST);try{let n=a.createCommandEncoder();n.copyBufferToBuffer(this.#n(e),0,o,0,t),a.queue.submit([n.finish()]),await o.mapAsync(GPUMapMode.READ),this.#e.check();let s=new Float32Array(o.getMappedRange(0,t).slice(0));return new Map([...this.#r.values()].map(({spec:i,offset:c,length:p})=>[i.name,Ba(s.subarray(c,c+p),i)]))}finally{this.#e.release(o)}}[Symbol.dispose](){for(let e of this.#t.values())this.#e.release(e);this.#t.clear()}#a(e){let t=this.#r.get(e);if(!t)throw new v(`Cannot find the parameter ${e}`);return t}#n(e){let t=this.#t.get(e);if(!t){let a=GPUBufferUsage.STORAGE|GPUBufferUsage.COPY_DST|GPUBufferUsage.COPY_SRC;t=this.#e.buffer(`parameters.${e}`,this.length*4,a),this.#t.set(e,t)}return t}};function Fa(r){return r.reduce((e,t)=>e+T(t),0)}function fr({shape:r,sources:e}){if(r.length===1)return T(r[0]);let[t,a,o,n]=r;return t*a*Fa(e??[o])*T(n)}function Ia(r,e){let{shape:t,sources:a}=e,o=t[t.length-1],n=Ae(r,o);if(t.length===1)return n;let s=T(o),i=new Float32Array(fr(e));return hr(t,a,(c,p)=>i.set(n.subarray(c*s,(c+1)*s),p*s)),i}function Ba(r,e){let{shape:t,sources:a}=e,o=t[t.length-1];if(t.length===1)return de(r,o).slice(0,o);let n=T(o),s=new Float32Array(O(t.slice(0,-1))*n);return hr(t,a,(i,c)=>s.set(r.subarray(c*n,(c+1)*n),i*n)),de(s,o).slice()}function hr(r,e,t){let a=r[0]*r[1],o=0,n=0;for(let s=0;s<a;s++)for(let i of e??[r[2]]){for(let c=0;c<i;c++)t(o++,n+c);n+=T(i)}}var Da={name:"pixel_shuffle",params:["batch","height","width","channels","factor","x_c4","y_c4"],bindings:{x:"read",y:"read_write"}},Ka={name:"pixel_shuffle_grad",params:["batch","height","width","channels","factor","x_c4","y_c4","accumulate"],bindings:{dy:"read",activated:"read",dx:"read_write"},includes:["activation"]};function gr(r,e,t,a="shuffle"){let[o,n,s,i]=e.shape,c=i/t**2;if(!Number.isInteger(c))throw new v(`Cannot record pixel shuffle "${a}": ${k(e.shape)} has no multiple of ${t**2} channels`);let p=r.tensor([o,n*t,s*t,c],a),l={batch:o,height:n,width:s,channels:c,factor:t,x_c4:T(i)/4,y_c4:T(c)/4};return r.within(a,()=>{r.dispatch(Da,{x:e,y:p},{params:l,invocations:$(p)}),r.gradient(p,d=>{let{gradient:u,accumulate:m}=r.gradientOf(e),{activated:g,constants:f}=I(e,d);r.dispatch(Ka,{dy:d,activated:g,dx:u},{params:{...l,accumulate:Number(m)},constants:f,invocations:$(e)})})}),p}function fe(r,e){let t=K(e),a=new Map(t.nodes.flatMap(o=>o.op==="conv2d"?[[`${o.name}.weight`,o.inChannels]]:[]));return new Te(r,t.parameters.map(o=>({...o,sources:a.get(o.name)})))}function he(r,e,t,a,o={}){let n=ke(t),[,s,i,c]=e.shape;if(s%n||i%n||c!==t.channels)throw new v(`Cannot record the U-Net: the image is ${s}×${i}×${c}, it takes multiples of ${n} and ${t.channels} channels`);let p=K(t),l=new Map([["image",e]]),d=new Set([e]),u=m=>{let g=l.get(m);if("upsampled"in g)throw new v(`Cannot record the U-Net: ${m} is read by more than a convolution`);return g};for(let m of p.nodes)if(m.op==="conv2d"){let g=m.inputs.map(f=>l.get(f));l.set(m.output,cr(r,g,a,m,{...o,withoutGradient:d}))}else m.op==="maxPool"?l.set(m.output,dr(r,u(m.input),m.output)):m.op==="add"?l.set(m.output,zt(r,u(m.inputs[0]),u(m.inputs[1]),m.output,d)):m.op==="pixelShuffle"?l.set(m.output,gr(r,u(m.input),m.factor,m.output)):m.mode==="nearest"?l.set(m.output,{upsampled:u(m.input)}):l.set(m.output,lr(r,u(m.input),m.mode,m.output,d));return u(p.output)}var La={name:"squared_norm",params:["count","slice_vec4s","slices"],bindings:{g:"read",partials:"read_write"}},za={name:"adam",params:["count"],bindings:{now:"uniform",g:"read",norm:"read",p:"read_write",m:"read_write",v:"read_write",average:"read_write"}};function yr(r,e,t="adam"){let a=r.scalars(t,12),o=e.whole(r,"gradients"),n=$(o),{slices:s,each:i}=V(n,1024),c=r.tensor([s*4],"norm partials",{layout:"flat"}),p=r.tensor([4],"squared norm",{layout:"flat",lifetime:"persistent"});return r.within(t,()=>{r.dispatch(La,{g:o,partials:c},{params:{count:n,slice_vec4s:i,slices:s},invocations:s}),D(r,c,p,s);let[l,d,u,m]=["values","moment1","moment2","average"].map(g=>e.whole(r,g));r.dispatch(za,{now:a,g:o,norm:p,p:l,m:d,v:u,average:m},{params:{count:n},invocations:n})}),{squaredNorm:p}}function wr(r){let{learningRate:e,step:t,beta1:a=.9,beta2:o=.999,epsilon:n=1e-8,decay:s=0,maxNorm:i=0,ema:c=.999}=r,p=l=>1/(1-Math.fround(l)**t);return Float32Array.of(e,a,o,n,p(a),p(o),s,i,c,0,0,0)}var ja=["mse","l1","charbonnier"],Wa={name:"loss",params:["count","c4","channels","slice_vec4s","slices","image_vec4s","scale:f32"],bindings:{y:"read",goal:"read",weights:"read",dy:"read_write",partials:"read_write"}},qa=1024;function vr(r,e,t,a,o){if(e.shape.join()!==t.shape.join())throw new v(`Cannot record loss: output is ${k(e.shape)}, target is ${k(t.shape)}`);if(Xe(e)!=="none")throw new v(`Cannot record loss: ${e.name} has an activation fused into it, whose slope the loss does not know`);if(o&&o.shape[0]<e.shape[0])throw new v(`Cannot record loss: ${o.shape[0]} weights are too few for ${e.shape[0]} images`);let n=e.shape[e.shape.length-1],s=$(e),{slices:i,each:c}=V(s,qa),p=r.tensor([i*4],"loss partials",{layout:"flat"}),l=r.tensor([4],"loss",{layout:"flat",lifetime:"persistent"});return r.within("loss",()=>{r.dispatch(Wa,{y:e,goal:t,weights:o??t,dy:r.gradientOf(e).gradient,partials:p},{params:{count:s,c4:T(n)/4,channels:n,slice_vec4s:c,slices:i,image_vec4s:s/e.shape[0],scale:1/It(e)},constants:{KIND:ja.indexOf(a),WEIGHTED:+(o!==void 0)},invocations:i}),D(r,p,l,i)}),l}var br=mr.filter(r=>r!=="gradients"),Pe=class r{#e;#r;#t;#o;#a;#n;#s=0;#i;constructor(e,t,a,o){let{topology:n}=t;this.#o=e,this.#a=n,this.#n=t,this.#t=a,this.#e=o,this.#r=fe(e,n)}static async create(e,t){let{topology:a,batch:o,patch:n}=t,s=fe(e,a),i=new q({training:!0}),c=i.input("x",[o,n,n,a.channels]),p=n*a.scale,l=i.input("target",[o,p,p,a.channels]),d=he(i,c,a,s),m=(t.balance??0)>0?i.scalars("weights",o):void 0,g=vr(i,d,l,t.loss,m);i.backward();let{squaredNorm:f}=yr(i,s),h=i.scalars("total loss",4);D(i,g,h,1,!0),i.output("total loss",h),i.output("squared norm",f);try{return new r(e,t,await ue(e,i),s)}catch(y){throw s[Symbol.dispose](),y}}start(e){let t=new Map([...e].map(([a,o])=>[a,new Float32Array(o.length)]));this.load({values:new Map(e),moment1:t,moment2:t,average:new Map(e)})}load(e){for(let t of br)this.#e.upload(e[t],t);this.#l()}step(e,t){this.#t.write("x",e.input),this.#t.write("target",e.target);let{batch:a,balance:o=0}=this.#n;o>0&&this.#t.write("weights",Va(e,a,o)),this.#t.write("adam",wr(t)),this.#t.run(),this.#s++}async look(){let[e]=await this.#t.read("total loss"),[t]=await this.#t.read("squared norm"),a={loss:e/this.#s,gradientNorm:Math.sqrt(t)};return this.#l(),a}async state(){let e={};for(let t of br)e[t]=await this.#e.download(t);return e}async validate(e,t){let{channels:a,scale:o}=this.#a;if(this.#i?.size!==t){this.#i?.plan[Symbol.dispose]();let l=new q({training:!1});l.output("y",he(l,l.input("x",[1,t,t,a]),this.#a,this.#r)),this.#i={plan:await ue(this.#o,l),size:t}}this.#r.upload(await this.#e.download("average"));let{plan:n}=this.#i;n.refresh();let s=t*t*a,i=e.input.length/s,c=s*o**2,p=0;for(let l=0;l<i;l++){n.write("x",e.input.subarray(l*s,(l+1)*s)),n.run();let d=await n.read("y"),u=0;for(let m=0;m<c;m++)u+=(Math.min(Math.max(d[m],0),1)-e.target[l*c+m])**2;p+=Math.min(-10*Math.log10(u/c),60)}return p/i}async model(e={}){let t=await this.#e.download("average");return{topology:this.#a,parameters:t,info:Se({loss:this.#n.loss,...e})}}#l(){this.#t.write("total loss",new Float32Array(4)),this.#s=0}[Symbol.dispose](){this.#i?.plan[Symbol.dispose](),this.#t[Symbol.dispose](),this.#e[Symbol.dispose](),this.#r[Symbol.dispose]()}};function Va({input:r,target:e},t,a){let o=new Float32Array(Math.ceil(t/4)*4),n=r.length/t;for(let s=0;s<t;s++){let i=0;for(let c=s*n;c<(s+1)*n;c++)i+=(r[c]-e[c])**2;o[s]=(.003/(i/n+5e-4))**a}return o}function xr(){return self}function Re(r){return(r instanceof Error?r.message:String(r)).replaceAll(/\s+/g," ").trim()||"something failed that says nothing of itself"}var Ha=2e8,Ja=2048,Me=class r{paired=!1;photos;skipped;#e;constructor(e,t,a){this.photos=e,this.#e=t,this.skipped=a}static async open(e,t){let a=[],o=[],n=[],s=Math.min(Ja,Math.floor(Math.sqrt(Ha/Math.max(e.length,1))));for(let[i,c]of e.entries()){let p=c.webkitRelativePath||c.name;try{let{width:l,height:d,rgb:u}=await Ya(c,s);a.push({name:p,width:l,height:d}),o.push(u)}catch(l){n.push(`${p}: ${Re(l)}`)}t(i+1,e.length)}if(a.length===0)throw new x(`None of the ${e.length} files is a photo that this browser can read; choose PNG, JPEG or WebP files`);return new r(a,o,n)}load(e){return Promise.resolve({high:this.#e[e]})}handle(){throw new Error("Cannot open these photos in another thread")}};async function Ya(r,e){let t=await createImageBitmap(r,{imageOrientation:"from-image"}),a=Math.min(1,e/Math.max(t.width,t.height)),[o,n]=[t.width,t.height].map(p=>Math.max(1,Math.round(p*a))),s=new OffscreenCanvas(o,n).getContext("2d",{willReadFrequently:!0});s.imageSmoothingQuality="high",s.drawImage(t,0,0,o,n),t.close();let{data:i}=s.getImageData(0,0,o,n),c=new Uint8Array(o*n*3);for(let p=0,l=0;l<c.length;p+=4,l+=3)c[l]=i[p],c[l+1]=i[p+1],c[l+2]=i[p+2];return{width:o,height:n,rgb:c}}var Xa=2,Oe=class{topology;#e;#r;#t=new Map;constructor(e,t){this.topology=t.topology,this.#e=e,this.#r=fe(e,t.topology),this.#r.upload(t.parameters)}async predict(e,t){let a=await this.#o(t);return a.write("image",e),a.run(),await a.read("restored")}async#o(e){let t=e.join("×"),a=this.#t.get(t);if(a)return this.#t.delete(t),this.#t.set(t,a),a;let o=new q({training:!1});o.output("restored",he(o,o.input("image",e),this.topology,this.#r));let n=await ue(this.#e,o);this.#t.set(t,n);for(let[s,i]of this.#t){if(this.#t.size<=Xa)break;this.#t.delete(s),i[Symbol.dispose]()}return n}[Symbol.dispose](){for(let e of this.#t.values())e[Symbol.dispose]();this.#t.clear(),this.#r[Symbol.dispose]()}};var $e=class extends Error{name="TileTooLargeError"};var Ce=class{topology;device;preferredTile;#e;#r;#t;constructor(e,t,a,o={}){this.topology=t,this.device=e.adapter.software?`software adapter (${e.adapter.name})`:`GPU (${e.adapter.name})`,this.preferredTile=e.adapter.software?256:1024,this.#e=e,this.#r=o.owned??!1,this.#t=new Oe(e,{topology:t,parameters:a})}async run(e,t,a){try{return await this.#t.predict(e,[1,t,a,this.topology.channels])}catch(o){let n=await this.#e.loss();throw n?new W(n.message,{cause:o}):o instanceof U?new $e(o.message,{cause:o}):o}}get times(){let{prepare:e,upload:t,compute:a,download:o}=this.#e.times;return{prepare:e,upload:t,network:a,download:o}}[Symbol.dispose](){this.#t[Symbol.dispose](),this.#r&&this.#e[Symbol.dispose]()}};function _r(r){let e=new Uint8ClampedArray(r.length/3*4);for(let t=0,a=0;t<r.length;t+=3,a+=4){for(let o=0;o<3;o++)e[a+o]=255*r[t+o];e[a+3]=255}return e}var at=4,Qa=96,Za=60,Ee=class r{#e;#r;#t;#o;constructor(e,t,a){this.#e=e,this.#r=t,this.#t=a;let o=this.#s(t.input);this.#o=o.indexOf(Math.min(...o))}static async draw(e,t){let a=ke(t.topology),o=Math.ceil(Qa/a)*a;return new r(t.topology,await wt(e,{...t,count:at,size:o}),o)}async measure(e,t){var c=[];try{let a=ne(c,new Ce(e,this.#e,t));let{input:o,target:n}=this.#r;let s=new Float32Array(o.length);for(let u=0;u<at;u++)s.set(await a.run(this.#n(o,u),this.#t,this.#t),u*this.#a);let i=u=>_r(this.#n(u,this.#o));return{psnr:{damaged:kr(this.#s(o)),restored:kr(this.#s(s))},preview:{size:this.#t,damaged:i(o),restored:i(s),original:i(n)}}}catch(p){var l=p,d=!0}finally{ye(c,l,d)}}get#a(){return this.#t*this.#t*3}#n(e,t){return e.slice(t*this.#a,(t+1)*this.#a)}#s(e){return Array.from({length:at},(t,a)=>{let o=0;for(let n=a*this.#a;n<(a+1)*this.#a;n++)o+=(Math.min(Math.max(e[n],0),1)-this.#r.target[n])**2;return Math.min(-10*Math.log10(o/this.#a),Za)})}};function kr(r){return r.reduce((e,t)=>e+t,0)/r.length}async function Sr({name:r,url:e,bytes:t}){if(t)return He(t,r);let a=await fetch(e).catch(o=>{throw new x(`Cannot fetch the model ${r}: ${o.message}`,{cause:o})});if(!a.ok)throw new x(`Cannot fetch the model ${r}: the server answered ${a.status}`);return He(new Uint8Array(await a.arrayBuffer()),r)}var Ar="l1",eo=.05,to=2500,ro=8,H=xr(),ge=!1;H.onmessage=({data:r})=>{if(r.kind==="stop"){ge=!0;return}ge=!1,ao(r.training).catch(e=>H.postMessage({kind:"failed",message:Re(e)}))};async function ao(r){var S=[];try{let{steps:e,batch:t,patch:a,seed:o,lookEvery:n}=r;let s=bt(r.recipe);let i=await oo(r);let{topology:c}=i;let p=ne(S,await St());let l=await Me.open(r.files,(A,M)=>H.postMessage({kind:"decoding",done:A,total:M}));let d=vt(l.photos,eo,o);let u=new ie(l,{patch:a,batch:t,seed:o,recipe:s,indices:d.train});let m=await Ee.draw(l,{indices:d.validation,recipe:s,seed:o,topology:c});let g=ne(S,await Pe.create(p,{topology:c,batch:t,patch:a,loss:Ar}).catch(A=>{throw A instanceof U?new x(`${t} patches of ${a}×${a} do not fit into the GPU's memory: choose less`):A}));g.start(i.parameters);H.postMessage({kind:"ready",device:p.adapter.name,photos:l.photos.length,skipped:l.skipped,parameters:[...i.parameters.values()].reduce((A,{length:M})=>A+M,0)});let f=performance.now();let h=0;let y=0;for(;h<e&&!ge;){if(g.step(await u.batch(h),Ut(h+1,{peak:r.learningRate,steps:e})),h++,await new Promise(Ue=>setTimeout(Ue)),h%n!==0&&h<e&&!ge)continue;let{loss:A}=await g.look();if(!Number.isFinite(A))throw new x(`The loss is no longer finite at step ${h}: try a smaller learning rate`);let M=performance.now(),z=h/(M-f)*1e3;if(M<y&&h<e&&!ge){H.postMessage({kind:"progress",step:h,loss:A,stepsPerSecond:z});continue}let{average:re}=await g.state(),{psnr:ae,preview:oe}=await m.measure(p,re);H.postMessage({kind:"progress",step:h,loss:A,stepsPerSecond:z,psnr:ae,preview:oe},[oe.restored.buffer]);let Ne=performance.now()-M;y=performance.now()+Math.max(to,ro*Ne)}let{average:b}=await g.state();let{psnr:w}=await m.measure(p,b);let _=Se({name:"own",recipe:s.text,seed:o,steps:h,loss:Ar,data:`${l.photos.length} photos of one's own`,metrics:{"held-out psnr":Number(w.restored.toFixed(3))},created:new Date().toISOString(),version:it,note:r.init?`trained in a web page, from the weights of ${r.init.name}`:"trained in a web page"});let P=Ct({topology:c,parameters:b,info:_});H.postMessage({kind:"done",step:h,stopped:h<e,file:P},[P.buffer])}catch(G){var E=G,N=!0}finally{ye(S,E,N)}}async function oo(r){if(r.init)return await Sr(r.init);let e=_e({base:r.base,depth:r.depth});return{topology:e,parameters:At(e,r.seed)}}
